"""Real files of every format, made on the spot: good ones and the bad ones that people upload."""

import zipfile
from io import BytesIO

import docx
from pypdf import PdfReader, PdfWriter
from reportlab.lib import colors
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table, TableStyle


def pdf_make() -> bytes:
    """Two pages with headings, paragraphs, a list, a table and a running foot."""
    style = getSampleStyleSheet()

    def foot(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, 30, f"Harbour Boats, page {document.page}")

    out = BytesIO()
    story = [
        Paragraph("Mooring Rules", style["Title"]),
        Paragraph("Arriving", style["Heading2"]),
        Paragraph(
            "Every visiting boat reports to the harbour office within two hours. The office is in the white house "
            "beside the crane, and it is open from dawn until dusk on every day of the year.", style["BodyText"]),
        Paragraph("Fees", style["Heading2"]),
        Table([["Length", "Price a night"], ["Up to 8 m", "12 crowns"], ["Up to 12 m", "19 crowns"]],
              style=TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)])),
        PageBreak(),
        Paragraph("Fuel", style["Heading2"]),
        Paragraph("Diesel is sold at the eastern pier. Petrol is not available in this harbour.", style["BodyText"]),
    ]  # fmt: skip
    SimpleDocTemplate(out).build(story, onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def pdf_encrypted() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf_make())))
    writer.encrypt("secret", algorithm="AES-256")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def pdf_blank() -> bytes:
    """What a scan is to a program: pages without text."""
    out = BytesIO()
    canvas = Canvas(out)
    canvas.rect(100, 100, 300, 300, fill=1)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def docx_make() -> bytes:
    document = docx.Document()
    document.add_heading("Mooring Rules", 1)
    document.add_heading("Arriving", 2)
    document.add_paragraph("Every visiting boat reports to the harbour office within two hours.")
    document.add_paragraph("The papers of the boat", style="List Bullet")
    document.add_paragraph("The names of everybody aboard", style="List Bullet")
    document.add_heading("Fees", 2)
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Length", "Price a night"
    for length, price in (("Up to 8 m", "12 crowns"), ("Up to 12 m", "19 crowns")):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = length, price
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def docx_bomb() -> bytes:
    """Ten kilobytes that unpack to a hundred megabytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"0" * (100 * 1024 * 1024))
    return out.getvalue()


def docx_crowded() -> bytes:
    """More entries than any document has."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
        for number in range(3100):
            archive.writestr(f"word/media/{number}.txt", "")
    return out.getvalue()
