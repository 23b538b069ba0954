"""Small invented СЭМД: people, clinics and numbers that exist nowhere."""

from __future__ import annotations

M = "1.2.643.5.1.13.13."
FSLI, ICD, KIND, STAGE, FIELD = f"{M}11.1080", f"{M}11.1005", f"{M}11.1077", f"{M}11.1076", f"{M}99.2.166"


def code(value: str, system: str, name: str = "") -> str:
    return f'<code code="{value}" codeSystem="{system}" displayName="{name}"/>'


def coded(value: str, system: str, name: str = "") -> str:
    return f'<value xsi:type="CD" code="{value}" codeSystem="{system}" displayName="{name}"/>'


def quantity(value: str, unit: str = "g/l", printed: str = "г/л") -> str:
    translation = f'<translation value="{value}" displayName="{printed}"/>'
    return f'<value xsi:type="PQ" value="{value}" unit="{unit}">{translation}</value>'


def told(value: str) -> str:
    return f'<value xsi:type="ST">{value}</value>'


def observation(inner: str, *, mood: str = "EVN") -> str:
    return f'<observation classCode="OBS" moodCode="{mood}">{inner}</observation>'


def field(number: str, value: str) -> str:
    return f"<entry>{observation(code(number, FIELD, 'поле ' + number) + told(value))}</entry>"


def section(name: str, *entries: str, text: str = "", title: str = "", inner: str = "") -> str:
    head = (f"<title>{title}</title>" if title else "") + (f"<text>{text}</text>" if text else "")
    nested = f"<component>{inner}</component>" if inner else ""
    return f"<section>{code(name, M + '99.2.197', 'Секция ' + name)}{head}{''.join(entries)}{nested}</section>"


def battery(*results: str, panel: str = "Общий анализ крови", time: str = "") -> str:
    inside = "".join(f"<component>{one}</component>" for one in results)
    head = f'<code nullFlavor="NA"><originalText>{panel}</originalText></code>{time}'
    return (
        '<entry><organizer classCode="CLUSTER" moodCode="EVN"><component><organizer classCode="BATTERY" moodCode="EVN">'
        f"{head}{inside}</organizer></component></organizer></entry>"
    )


def result(inner: str, number: str = "1017128", name: str = "Гемоглобин") -> str:
    return observation(code(number, FSLI, name) + inner)


def when(value: str) -> str:
    return f'<effectiveTime value="{value}"/>'


def span(low: str, high: str, unit: str = "g/l", text: str = "") -> str:
    words = f"<text>{text}</text>" if text else ""
    bounds = f'<low value="{low}" unit="{unit}"/><high value="{high}" unit="{unit}"/>'
    inside = f'{words}<value xsi:type="IVL_PQ">{bounds}</value>'
    return f"<referenceRange><observationRange>{inside}</observationRange></referenceRange>"


def document(
    *sections: str,
    ident: str = "7",
    series: str = "70",
    version: str = "1",
    family: str = "Пробная",
    given: str = "Анна",
    snils: str = "000-000-102 24",
    birth: str = "19790601",
    date: str = "202603011000+0300",
    kind: str = "5",
    title: str = "Протокол консультации",
    extra: str = "",
) -> bytes:
    body = "".join(f"<component>{one}</component>" for one in sections)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet href="none.xsl"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:i="urn:hl7-ru:identity">
<id root="1.2.3.51" extension="{ident}"/>{code(kind, M + "11.1522", title)}<title>{title}</title>
<effectiveTime value="{date}"/><setId root="1.2.3.50" extension="{series}"/><versionNumber value="{version}"/>
<recordTarget><patientRole><id root="1.2.3.10" extension="{ident}{family}"/>
<id root="1.2.643.100.3" extension="{snils}"/>
<patient><name><family>
 {family} </family><given>{given}</given><i:Patronymic>Львовна</i:Patronymic></name>
<administrativeGenderCode code="2"/><birthTime value="{birth}"/></patient>
<providerOrganization><id root="1.2.3"/><name>Поликлиника № 0</name></providerOrganization></patientRole></recordTarget>
<author><assignedAuthor><id root="1.2.3.70" extension="1"/>{code("35", M + "11.1002", "терапевт")}
<assignedPerson><name><family>Врачов</family><given>Иван</given><given>Ильич</given></name></assignedPerson>
</assignedAuthor></author>{extra}<component><structuredBody>{body}</structuredBody></component></ClinicalDocument>""".encode()


def unstructured(inner: str) -> bytes:
    """A document whose body has no sections."""
    body = f"<nonXMLBody>{inner}</nonXMLBody>".encode()
    return document().replace(b"<structuredBody></structuredBody>", body)
