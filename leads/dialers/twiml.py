"""Invariant: who picks up hears who is calling and that they asked for it, and not what it is about: it may be somebody else.

Pure; TwiML: https://www.twilio.com/docs/voice/twiml
"""

from __future__ import annotations

from twilio.twiml.voice_response import VoiceResponse


def greeting_twiml(
    *, company: str, connect_to: str, caller_id: str, ring_seconds: int, after_url: str
) -> str:
    """What is said to who picks up; then they are connected with the office, or told that a colleague will be in touch.

    ``after_url`` is asked what to say once the office has hung up, or did not answer.
    """
    answer = VoiceResponse()
    answer.pause(length=1)
    answer.say(f"Hello, this is {company}. You asked us to call you back.")
    if not connect_to:
        answer.say("A colleague will be in touch with you shortly. Thank you, and goodbye.")
        return str(answer)
    answer.say("I'll connect you with a colleague now.")
    options = {"action": after_url, "method": "POST"} if after_url else {}
    answer.dial(connect_to, caller_id=caller_id, timeout=ring_seconds, **options)
    return str(answer)


def after_twiml(*, connected: bool) -> str:
    """What is said when the office has hung up (nothing), or could not be reached."""
    answer = VoiceResponse()
    if not connected:
        answer.say(
            "I'm sorry, all my colleagues are busy. One of them will be in touch with you shortly. Goodbye."
        )
    answer.hangup()
    return str(answer)


def stale_twiml() -> str:
    """For a call whose callback is no longer there."""
    answer = VoiceResponse()
    answer.say("This call is no longer needed. Sorry for the disturbance. Goodbye.")
    answer.hangup()
    return str(answer)
