"""Records in German, French, Spanish, Portuguese and Turkish: affirmed, denied, or nobody's.

No record declares its language, so all are heard at once: the last table holds the words that mean
something else in another language.
"""

import pytest

from cdshooks.fhir.extract import named_concepts
from cdshooks.fhir.text.folding import normalise
from cdshooks.knowledge.codes import read_systems
from cdshooks.knowledge.facts import read_facts
from cdshooks.knowledge.load import READERS, default_root
from tests.fhir.readers.small import (
    concept,
    condition,
    measured,
    observation,
    opened,
    problems,
    report,
    statement,
    value,
)

_SYSTEMS = read_systems(default_root(), [])
CONCEPTS = named_concepts(read_facts(default_root(), _SYSTEMS, READERS, []))[0]
SITE, STATUS = "tumour.site", "net.status"
KI67, MITOSES, GRADE = "tumour.ki67", "tumour.mitoses", "tumour.grade_stated"
DIFFERENTIATION, LUNG = "tumour.differentiation", "tumour.lung_type_stated"
SSTR, FDG = "imaging.sstr_status", "imaging.fdg_status"
STAGE, PATTERN, NODES = "extent.stage", "extent.pattern", "tumour.node_positive"
COUNT = "liver.lesion_count"
UNRESECTABLE, RESECTABLE = "extent.unresectable_recorded", "liver.resectable_recorded"
PROGRESSION, STABLE_FOR = "progression.status", "progression.stable_months"
FUNCTIONAL, ASYMPTOMATIC = "syndrome.functional", "symptom.asymptomatic"
TYPES, REFRACTORY, HORMONAL = "syndrome.types", "syndrome.refractory", "symptom.hormonal"
PREGNANT, MARGIN = "patient.pregnant", "primary.margin_positive"
MET, OPEN = "metastatic", "disseminated/liver-dominant/liver-only"


def of_diagnosis(text):
    """Site and standing of a Condition that has no code."""
    made = condition(text, recorded="2026-10-01")
    other = condition("ICD-10-CM#I10")
    chart = [made, other, {**report("C7A"), "code": concept("C7A")}]
    return value(STATUS, *chart), value(SITE, *chart)


DIAGNOSES = [
    # de
    ("Neuroendokriner Tumor des Ileums, G1, Ki-67 2 %", "active", "jejunum-ileum"),
    ("Pankreas-NET G2 mit Lebermetastasen", "active", "pancreas"),
    ("Karzinoid der Appendix", "active", "appendix"),
    ("Insulinom", "active", "pancreas"),
    ("V.a. neuroendokrinen Tumor des Pankreas", "suspected", "pancreas"),
    ("Verdacht auf NET des Dünndarms", "suspected", "small-bowel-nos"),
    ("Zustand nach neuroendokrinem Tumor des Rektums", "history", "rectum"),
    ("Z.n. NET des Magens", "history", "stomach"),
    ("Z.n. Resektion eines NET des Pankreas", "active", "pancreas"),
    ("Kein neuroendokriner Tumor", "none", None),
    ("Familienanamnese: neuroendokriner Tumor", "none", None),
    ("Vater mit Karzinoid", "none", None),
    ("Karzinoid-Syndrom", "none", None),
    # fr
    ("TNE du grêle", "active", "small-bowel-nos"),
    ("Tumeur neuroendocrine du pancréas grade 2", "active", "pancreas"),
    ("Tumeur neuroendocrine de l'iléon, métastases pulmonaires", "active", "jejunum-ileum"),
    ("Suspicion de tumeur neuroendocrine du pancréas", "suspected", "pancreas"),
    ("Antécédent de tumeur neuroendocrine du rectum", "history", "rectum"),
    ("Pas de tumeur neuroendocrine", "none", None),
    ("Mère de la patiente : carcinoïde", "none", None),
    # es
    ("Tumor neuroendocrino de páncreas", "active", "pancreas"),
    ("Carcinoide de intestino delgado", "active", "small-bowel-nos"),
    ("Tumor neuroendocrino de íleon con metástasis pulmonares", "active", "jejunum-ileum"),
    ("Sospecha de tumor neuroendocrino gástrico", "suspected", "stomach"),
    ("Antecedentes de tumor neuroendocrino rectal", "history", "rectum"),
    ("Sin tumor neuroendocrino", "none", None),
    ("Padre con carcinoide", "none", None),
    # pt
    ("Tumor neuroendócrino do pâncreas", "active", "pancreas"),
    ("TNE no íleo", "active", "jejunum-ileum"),
    ("Suspeita de tumor neuroendócrino do reto", "suspected", "rectum"),
    ("Sem tumor neuroendócrino", "none", None),
    # tr
    ("Pankreas nöroendokrin tümörü", "active", "pancreas"),
    ("İleum nöroendokrin tümör grade 1", "active", "jejunum-ileum"),
    ("Nöroendokrin tümör şüphesi", "suspected", None),
    ("Nöroendokrin tümör öyküsü", "history", None),
    ("Nöroendokrin tümör yok", "none", None),
    ("Annesinde karsinoid", "none", None),
]


@pytest.mark.parametrize(("text", "status", "site"), DIAGNOSES)
def test_a_diagnosis_without_a_code_is_read_by_its_words(text, status, site):
    assert of_diagnosis(text) == (status, site)


SENTENCES = [
    # ---- pathology ----
    (KI67, "Proliferationsindex (Ki-67) ca. 4,5 %.", "4.5 %"),
    (KI67, "Indice de prolifération Ki-67 : 12 %.", "12 %"),
    (KI67, "Índice de proliferación: 3-5 %.", "3-5 %"),
    (KI67, "Ki-67 proliferasyon indeksi %4.", "4 %"),
    (KI67, "Ki-67 nicht bestimmt.", None),
    (KI67, "Ki-67 no determinado.", None),
    (MITOSES, "2 Mitosen pro 2 mm2.", "2 per 2 mm2"),
    (MITOSES, "Index mitotique : 3 mitoses par 2 mm2.", "3 per 2 mm2"),
    (MITOSES, "4 mitosis por 2 mm2.", "4 per 2 mm2"),
    (MITOSES, "1 mitoz / 2 mm2.", "1 per 2 mm2"),
    (GRADE, "Neuroendokriner Tumor, Grad 2.", "G2"),
    (GRADE, "Tumeur neuroendocrine, grade OMS : grade 1.", "G1"),
    (GRADE, "Tumor neuroendocrino grado 2.", "G2"),
    (GRADE, "Tumor neuroendócrino grau 1.", "G1"),
    (GRADE, "Nöroendokrin tümör, derece 2.", "G2"),
    (GRADE, "Neuroendokriner Tumor, Toxizität Grad 3.", None),
    (GRADE, "TNE: alto grado de sospecha.", None),
    (DIFFERENTIATION, "Gut differenzierter neuroendokriner Tumor.", "well"),
    (DIFFERENTIATION, "Tumeur neuroendocrine bien différenciée.", "well"),
    (DIFFERENTIATION, "Tumor neuroendocrino bien diferenciado.", "well"),
    (DIFFERENTIATION, "Tumor neuroendócrino bem diferenciado.", "well"),
    (DIFFERENTIATION, "İyi diferansiye nöroendokrin tümör.", "well"),
    (DIFFERENTIATION, "TNE G3.", "well"),
    (DIFFERENTIATION, "Neuroendokriner Tumor G3.", "well"),
    (DIFFERENTIATION, "Schlecht differenziertes neuroendokrines Karzinom.", "poor"),
    (DIFFERENTIATION, "Carcinome neuroendocrine peu différencié.", "poor"),
    (DIFFERENTIATION, "Carcinoma neuroendocrino pobremente diferenciado.", "poor"),
    (DIFFERENTIATION, "Carcinoma neuroendócrino pouco diferenciado.", "poor"),
    (DIFFERENTIATION, "Az diferansiye nöroendokrin karsinom.", "poor"),
    (DIFFERENTIATION, "Nicht schlecht differenziert.", None),
    (LUNG, "Atypisches Karzinoid der Lunge.", "AC"),
    (LUNG, "Carcinoïde typique.", "TC"),
    (LUNG, "Carcinoide atípico.", "AC"),
    (LUNG, "Tipik karsinoid.", "TC"),
    (LUNG, "Kein atypisches Karzinoid.", None),
    (MARGIN, "Neuroendokriner Tumor reseziert, Resektionsrand befallen.", True),
    (MARGIN, "Neuroendokriner Tumor, Rand befallen.", True),
    (MARGIN, "TNE réséquée, marge envahie.", True),
    (MARGIN, "Tumor neuroendocrino resecado con margen positivo.", True),
    (MARGIN, "Nöroendokrin tümör, cerrahi sınır pozitif.", True),
    (MARGIN, "Resektionsrand tumorfrei.", False),
    (MARGIN, "Marges saines.", False),
    (MARGIN, "Márgenes negativos.", False),
    # ---- spread ----
    (STAGE, "Multiple Lebermetastasen.", MET),
    (PATTERN, "Multiple Lebermetastasen.", OPEN),
    (PATTERN, "Leber- und Knochenmetastasen.", "disseminated"),
    (STAGE, "Keine Lebermetastasen.", "localised"),
    (STAGE, "Kein Hinweis auf Fernmetastasen.", "localised"),
    (STAGE, "Keine Metastasen.", "localised"),
    (STAGE, "Keine Knochenmetastasen.", None),
    (STAGE, "V.a. Lebermetastasen.", None),
    (STAGE, "Lebermetastasen ausgeschlossen.", "localised"),
    (STAGE, "Métastases hépatiques multiples.", MET),
    (STAGE, "Pas de métastase hépatique.", "localised"),
    (STAGE, "Pas de lésion hépatique mais fixation intense du pancréas.", "localised"),
    (STAGE, "Absence de métastase à distance.", "localised"),
    (STAGE, "Pas de métastase extra-hépatique.", None),
    (PATTERN, "Métastases osseuses.", "disseminated"),
    (STAGE, "Métastases hépatiques à exclure.", None),
    (STAGE, "Metástasis hepáticas.", MET),
    (STAGE, "Sin metástasis.", "localised"),
    (STAGE, "No se observan metástasis hepáticas.", "localised"),
    (STAGE, "Sin metástasis pero captación intensa.", "localised"),
    (STAGE, "No hay metástasis fuera del hígado.", None),
    (PATTERN, "Metástasis óseas.", "disseminated"),
    (STAGE, "Metástases hepáticas.", MET),
    (STAGE, "Metástases no fígado.", MET),
    (STAGE, "Sem metástases.", "localised"),
    (STAGE, "Lesão no fígado com metástases.", MET),
    (STAGE, "Karaciğerde 3 adet metastaz.", MET),
    (COUNT, "Karaciğerde 3 adet metastaz.", "3"),
    (COUNT, "Drei Lebermetastasen.", "3"),
    (COUNT, "3 métastases hépatiques.", "3"),
    (COUNT, "4 metástasis hepáticas.", "4"),
    (STAGE, "Karaciğerde metastaz yok.", "localised"),
    (STAGE, "Metastaz saptanmadı.", "localised"),
    (STAGE, "Karaciğer dışında metastaz yok.", None),
    (PATTERN, "Kemik metastazları.", "disseminated"),
    (NODES, "Mesenteriale Lymphknoten befallen.", True),
    (NODES, "Lymphknotenmetastasen mesenterial.", True),
    (NODES, "Keine Lymphknotenmetastasen.", False),
    (STAGE, "Lymphknotenmetastasen.", "metastatic/regional"),
    (STAGE, "Leberbiopsie: neuroendokriner Tumor.", MET),
    (STAGE, "TNE stade IV.", MET),
    (NODES, "Lymphknoten tumorfrei.", False),
    (NODES, "Adénopathies mésentériques.", True),
    (NODES, "Pas d'adénopathie.", False),
    (NODES, "Adenopatías mesentéricas.", True),
    (NODES, "Sin adenopatías.", False),
    (NODES, "Lenf nodu pozitif.", True),
    (NODES, "Lenf nodu metastazı yok.", False),
    (UNRESECTABLE, "Der Tumor ist nicht resektabel.", True),
    (UNRESECTABLE, "Tumeur non résécable.", True),
    (UNRESECTABLE, "Tumor irresecable.", True),
    (UNRESECTABLE, "Tumor não ressecável.", True),
    (UNRESECTABLE, "Tümör inoperabl.", True),
    (UNRESECTABLE, "Tümör rezeke edilemez.", True),
    (RESECTABLE, "Lebermetastasen resektabel.", True),
    (RESECTABLE, "Métastases hépatiques résécables.", True),
    (PATTERN, "Erkrankung auf die Leber beschränkt.", "liver-only"),
    (PATTERN, "Métastases hépatiques, pas de lésion extra-hépatique.", "liver-only"),
    (PATTERN, "Metástasis hepáticas. Sin enfermedad extrahepática.", "liver-only"),
    (PATTERN, "Metástasis de predominio hepático.", "liver-dominant"),
    # ---- progress ----
    (PROGRESSION, "Fortschreitende Erkrankung.", "progressive"),
    (PROGRESSION, "Progress der Lebermetastasen.", "progressive"),
    (PROGRESSION, "Tumorprogress.", "progressive"),
    (PROGRESSION, "Kein Tumorprogress.", "stable"),
    (PROGRESSION, "Lebermetastasen stabil.", "stable"),
    (PROGRESSION, "Partielle Remission.", "responding"),
    (PROGRESSION, "Maladie stable depuis 6 mois.", "stable"),
    (STABLE_FOR, "Maladie stable depuis 6 mois.", "6 months"),
    (STABLE_FOR, "Erkrankung stabil seit 8 Monaten.", "8 months"),
    (STABLE_FOR, "Enfermedad estable desde hace 9 meses.", "9 months"),
    (PROGRESSION, "Progression de la maladie.", "progressive"),
    (PROGRESSION, "Pas de progression tumorale.", "stable"),
    (PROGRESSION, "Réponse partielle.", "responding"),
    (PROGRESSION, "Enfermedad en progresión.", "progressive"),
    (PROGRESSION, "Sin progresión de la enfermedad.", "stable"),
    (PROGRESSION, "Respuesta mixta.", "mixed"),
    (PROGRESSION, "Doença estável.", "stable"),
    (PROGRESSION, "Doença em progressão.", "progressive"),
    (PROGRESSION, "Progresif hastalık.", "progressive"),
    (PROGRESSION, "Stabil hastalık.", "stable"),
    (PROGRESSION, "Karaciğer metastazlarında progresyon yok.", "stable"),
    # ---- syndromes and symptoms ----
    (FUNCTIONAL, "Nicht funktioneller neuroendokriner Tumor.", False),
    (FUNCTIONAL, "Tumeur non fonctionnelle.", False),
    (FUNCTIONAL, "Tumor no funcionante.", False),
    (FUNCTIONAL, "Nonfonksiyone tümör.", False),
    (TYPES, "Karzinoid-Syndrom.", {"carcinoid"}),
    (TYPES, "Karzinoidsyndrom mit Flush und Diarrhoe.", {"carcinoid"}),
    (TYPES, "Syndrome carcinoïde.", {"carcinoid"}),
    (TYPES, "Síndrome carcinoide.", {"carcinoid"}),
    (TYPES, "Karsinoid sendrom.", {"carcinoid"}),
    (TYPES, "Kein Karzinoid-Syndrom.", None),
    (TYPES, "Pas de syndrome carcinoïde.", None),
    (TYPES, "Karsinoid sendrom yok.", None),
    (REFRACTORY, "Karzinoid-Syndrom, therapierefraktär.", True),
    (REFRACTORY, "Syndrome carcinoïde réfractaire.", True),
    (REFRACTORY, "Síndrome carcinoide no controlado.", True),
    (REFRACTORY, "Karsinoid sendrom dirençli.", True),
    (ASYMPTOMATIC, "Die Patientin ist asymptomatisch.", True),
    (ASYMPTOMATIC, "Patiente asymptomatique.", True),
    (ASYMPTOMATIC, "Paciente asintomática.", True),
    (ASYMPTOMATIC, "Paciente assintomática.", True),
    (ASYMPTOMATIC, "Hasta asemptomatik.", True),
    (ASYMPTOMATIC, "Nicht asymptomatisch.", None),
    (HORMONAL, "Diarrhoe und Flush.", True),
    (HORMONAL, "Diarrhée motrice.", True),
    (HORMONAL, "Diarrea crónica.", True),
    (HORMONAL, "Diarreia crônica.", True),
    (HORMONAL, "İshal mevcut.", True),
]


@pytest.mark.parametrize(("fact", "text", "expected"), SENTENCES)
def test_a_sentence_of_a_report_is_read_in_its_language(fact, text, expected):
    found = value(fact, report(text))
    if expected is None:  # unknown, or what a closed fact says in silence
        assert found in (None, False, set())
    else:
        assert found == expected


SCANS = [
    ("Kräftige Anreicherung in den Lebermetastasen.", "positive"),
    ("Anreicherung höher als die Leber.", "positive"),
    ("Keine Anreicherung.", "negative"),
    ("Keine pathologische Anreicherung.", "negative"),
    ("Geringe Anreicherung der Läsionen.", "borderline"),
    ("Anreicherung wie Leber.", "borderline"),
    ("Anreicherung über Leberniveau.", "positive"),
    ("Keine Anreicherung im Knochen.", None),
    ("Fixation intense des lésions hépatiques.", "positive"),
    ("Fixation faible.", "borderline"),
    ("Score de Krenning 4.", "positive"),
    ("Absence de fixation pathologique.", "negative"),
    ("Captación intensa, superior al bazo.", "positive"),
    ("Sin captación patológica.", "negative"),
    ("Captação intensa nas lesões.", "positive"),
    ("Não há mais captação.", "negative"),
    ("Yoğun tutulum izlendi.", "positive"),
    ("Karaciğere eşit tutulum.", "borderline"),
    ("Hafif tutulum.", "borderline"),
    ("Tutulum yok.", "negative"),
    ("Status post internal fixation of the femur.", None),
]


@pytest.mark.parametrize(("text", "expected"), SCANS)
def test_a_receptor_scan_is_read_in_its_language(text, expected):
    scan = {**report(text, on="2026-11-01"), "code": concept("Ga-68 DOTATATE PET")}
    assert value(SSTR, scan) == expected


PREGNANCIES = [
    ("Patientin ist schwanger.", True),
    ("Patiente enceinte.", True),
    ("Paciente embarazada.", True),
    ("Paciente grávida.", True),
    ("Hasta hamile.", True),
    ("Nicht schwanger.", False),
    ("Gebe değil.", False),
    ("Ich gebe Octreotid.", None),
    ("Kinderwunsch, Schwangerschaftsverhütung besprochen.", None),
]


@pytest.mark.parametrize(("text", "expected"), PREGNANCIES)
def test_a_pregnancy_is_read_in_its_language(text, expected):
    told = observation("Anamnese", valueString=text, on="2026-11-12")
    young = {"resourceType": "Patient", "id": "1", "gender": "female", "birthDate": "1994-03-01"}
    assert value(PREGNANT, young, told) is expected


NOT_MEANT = [
    # (fact, text, what it is not)
    (COUNT, "Très volumineuses métastases hépatiques.", "3"),
    (STAGE, "Il n'y a plus de métastase hépatique.", MET),
    (PROGRESSION, "Progress note: tumour board.", "progressive"),
    (PROGRESSION, "Work in progress on the tumour report.", "progressive"),
    (SSTR, "Chromogranin A (IRMA) 40 ng/mL.", "positive"),
    (GRADE, "NET, hochgradig suspekt.", "G3"),
]


def test_progress_is_a_german_status_only_as_the_value_of_the_disease_status():
    """In English it is a way to make, or a note."""
    status = observation("LOINC#97509-4", on="2026-11-01", valueString="Progress")
    assert value(PROGRESSION, status) == "progressive"
    pending = observation("LOINC#97509-4", on="2026-11-01", valueString="Assessment in progress")
    assert value(PROGRESSION, pending) is None


LABS = [
    ("lab.platelets", "Thrombozyten", 45, "G/L", "45 x10^9/L"),
    ("lab.platelets", "Plaquettes", 150, "G/L", "150 x10^9/L"),
    ("lab.haemoglobin", "Hämoglobin", 9.5, "g/dl", "9.5 g/dL"),
    ("lab.haemoglobin", "Hemoglobina glicosilada", 9.5, "g/dL", None),
    ("lab.leucocytes", "Lökosit", 4.5, "10*9/L", "4.5 x10^9/L"),
    ("lab.leucocytes", "Leukozyten im Urin", 4.5, "10*9/L", None),
    ("lab.bilirubin_mgdl", "Bilirrubina directa", 0.4, "mg/dL", None),
]


@pytest.mark.parametrize(("fact", "name", "number", "unit", "expected"), LABS)
def test_a_laboratory_value_has_its_name_in_every_language(fact, name, number, unit, expected):
    assert value(fact, measured(name, number, unit)) == expected


RISKS = [
    ("risk.ascites", "Aszites.", "Kein Aszites."),
    ("risk.ascites", "Ascite modérée.", "Pas d'ascite."),
    ("risk.dialysis", "Hemodiálisis crónica.", "Sin diálisis."),
    ("risk.pvt_any", "Pfortaderthrombose.", "Zustand nach Pfortaderthrombose."),
    ("risk.pvt_any", "Portal ven trombozu mevcut.", "Portal ven trombozu yok."),
    ("risk.depression", "Depresión.", "Depresión respiratoria."),
    ("risk.liver_decompensated", "Cirrhose décompensée.", "Pas de cirrhose décompensée."),
    ("symptom.obstruction", "Mechanischer Ileus.", "Kein mechanischer Ileus."),
    ("symptom.bone_pain", "Kemik ağrısı.", "Kemik ağrısı yok."),
    ("symptom.bleeding", "Hemorragia digestiva.", "Antecedente de hemorragia digestiva."),
    ("symptom.cord_compression", "Compression médullaire.", "Pas de compression médullaire."),
    ("symptom.brain_metastasis", "Hirnmetastasen.", "Keine Hirnmetastasen."),
]


@pytest.mark.parametrize(("fact", "present", "absent"), RISKS)
def test_symptoms_and_risks_are_heard_in_every_language(fact, present, absent):
    assert value(fact, report(present)) is True
    assert value(fact, report(absent)) is not True


# Facts where silence reads as "no": a word that is not heard there hides a contraindication.
PVT, TRUNK = "risk.pvt_any", "risk.pvt_main"
CORD, BLOCKED = "symptom.cord_compression", "symptom.obstruction"
PRESSURE, BLEEDING = "risk.uncontrolled_hypertension", "risk.major_bleeding"
GUT, HEART = "risk.gi_fistula_perforation", "risk.carcinoid_heart"
RHYTHM = "risk.arrhythmia_or_pacemaker"
DEPRESSION, LIVER, ASCITES = "risk.depression", "risk.liver_decompensated", "risk.ascites"
HYPOXIA, CLOTTING, VHL = "risk.hypoxia", "risk.coagulopathy", "risk.vhl"

DANGERS = [
    (PVT, "Thrombus der Pfortader."),
    (PVT, "Thrombus in der Pfortader."),
    (PVT, "Pfortaderthrombosen."),
    (PVT, "Thrombus dans la veine porte."),
    (PVT, "Trombo en la vena porta."),
    (PVT, "Trombose da veia porta."),
    (PVT, "Trombose do tronco da veia porta."),
    (PVT, "Portal vende trombüs."),
    (PVT, "Ana portal vende trombüs mevcut."),
    (TRUNK, "Thrombose des Pfortaderstamms."),
    (TRUNK, "Thrombus im Pfortaderhauptstamm."),
    (TRUNK, "Thrombose du tronc porte."),
    (TRUNK, "Thrombose complète du tronc porte."),
    (TRUNK, "Trombosis de la vena porta principal."),
    (TRUNK, "Trombose do tronco da veia porta."),
    (TRUNK, "Ana portal vende trombüs."),
    (TRUNK, "Trombosis completa de la vena porta principal."),
    (CORD, "Rückenmarkskompression."),
    (CORD, "Myelonkompression in Höhe BWK 7."),
    (CORD, "Kompression des Rückenmarks."),
    (CORD, "Compression de la moelle épinière."),
    (CORD, "Compression médullaire."),
    (CORD, "Compresión de la médula espinal."),
    (CORD, "Compresión medular."),
    (CORD, "Compressão da medula espinhal."),
    (CORD, "Omurilik basısına bağlı güçsüzlük."),
    (PRESSURE, "Schwer einstellbare Hypertonie."),
    (PRESSURE, "Schwer einstellbare arterielle Hypertonie."),
    (PRESSURE, "Nicht eingestellte arterielle Hypertonie."),
    (PRESSURE, "Nicht ausreichend eingestellte arterielle Hypertonie."),
    (PRESSURE, "Hipertensión arterial de difícil control."),
    (PRESSURE, "HTA mal contrôlée."),
    (PRESSURE, "HTA mal controlada."),
    (PRESSURE, "Hipertensão não controlada."),
    (PRESSURE, "Kontrolsüz hipertansiyon."),
    (BLEEDING, "Schwere gastrointestinale Blutung."),
    (BLEEDING, "Transfusionspflichtige Blutung."),
    (BLEEDING, "Hémoptysie massive."),
    (BLEEDING, "Hémorragie digestive sévère."),
    (BLEEDING, "Hemorragia digestiva grave."),
    (BLEEDING, "Hemorragia digestiva maciça."),
    (BLEEDING, "Ciddi gastrointestinal kanama."),
    (GUT, "Gastrointestinale Perforation."),
    (GUT, "Perforation digestive."),
    (GUT, "Fistule entéro-cutanée."),
    (GUT, "Perforación intestinal."),
    (GUT, "Perfuração gástrica."),
    (GUT, "Mide perforasyonu."),
    (VHL, "Von-Hippel-Lindau-Syndrom."),
    (VHL, "Maladie de von Hippel-Lindau."),
    (VHL, "Enfermedad de von Hippel-Lindau."),
    (VHL, "Hippel-Lindau-Erkrankung."),
    (RHYTHM, "Zustand nach Schrittmacherimplantation."),
    (RHYTHM, "DDD-Schrittmacher."),
    (RHYTHM, "Stimulateur cardiaque."),
    (RHYTHM, "Portador de marcapasos."),
    (RHYTHM, "Bloqueio atrioventricular."),
    (RHYTHM, "Kalp pili mevcut."),
    (HEART, "Karzinoid-Herzerkrankung."),
    (HEART, "Karzinoidherzes."),
    (HEART, "Echokardiographie: Karzinoidherz."),
    (HEART, "Cardiopathie carcinoïde."),
    (HEART, "Échocardiographie : cardiopathie carcinoïde."),
    (HEART, "Ecocardiograma: cardiopatía carcinoide."),
    (HEART, "Ekokardiyografi: karsinoid kalp hastalığı."),
    (DEPRESSION, "Depression, derzeit stabil."),
    (DEPRESSION, "Bekannte Depressionen."),
    (DEPRESSION, "Dépression traitée."),
    (DEPRESSION, "Syndrome anxio-dépressif."),
    (DEPRESSION, "Depresión."),
    (DEPRESSION, "Quadro depressivo."),
    (DEPRESSION, "Depresyonu mevcut."),
    (LIVER, "Dekompensierte Leberzirrhose."),
    (LIVER, "Bei dekompensierter Leberzirrhose."),
    (LIVER, "Cirrhose décompensée."),
    (LIVER, "Cirrosis descompensada."),
    (LIVER, "Cirrose hepática descompensada."),
    (LIVER, "Dekompanse karaciğer sirozu."),
    (ASCITES, "Aszitesbildung."),
    (ASCITES, "Liquide ascitique."),
    (ASCITES, "Líquido ascítico."),
    (ASCITES, "Karında asit."),
    (ASCITES, "Batında asit."),
    (ASCITES, "Batında yaygın asit izlendi."),
    (ASCITES, "Asit mevcut."),
    (HYPOXIA, "Heimsauerstofftherapie."),
    (HYPOXIA, "Insuffisance respiratoire chronique sous oxygène."),
    (HYPOXIA, "Oxígeno domiciliario."),
    (HYPOXIA, "Oxigênio domiciliar."),
    (HYPOXIA, "Evde oksijen tedavisi alıyor."),
    (BLOCKED, "Ileus."),
    (BLOCKED, "İleus."),
    (BLOCKED, "Occlusion intestinale."),
    (BLOCKED, "Oclusión intestinal."),
    (BLOCKED, "Obstrução do intestino delgado."),
    (BLOCKED, "Bağırsak tıkanıklığı."),
    (CLOTTING, "Von-Willebrand-Syndrom."),
    (CLOTTING, "Maladie de Willebrand."),
    (CLOTTING, "Enfermedad de von Willebrand."),
    (CLOTTING, "Doença de von Willebrand."),
    (CLOTTING, "Von Willebrand hastalığı."),
    ("risk.dpd_deficiency", "Déficit en dihydropyrimidine déshydrogénase."),
    (REFRACTORY, "Karzinoidsyndrom, unter Octreotid nicht ausreichend kontrolliert."),
    (REFRACTORY, "Syndrome carcinoïde insuffisamment contrôlé."),
]
NO_DANGER = [
    (PVT, "Kein Thrombus in der Pfortader."),
    (PVT, "Portal vende trombüs izlenmedi."),
    (TRUNK, "Pas de thrombose du tronc porte."),
    (TRUNK, "Trombosis de la rama derecha de la vena porta."),
    (CORD, "Pas de compression de la moelle épinière."),
    (CORD, "Keine Myelonkompression."),
    (PRESSURE, "Gut eingestellte arterielle Hypertonie."),
    (PRESSURE, "Pas d'HTA mal contrôlée."),
    (PRESSURE, "She has grave disease."),
    (PRESSURE, "Hypertension portale sévère."),
    (BLEEDING, "Keine schwere gastrointestinale Blutung."),
    (GUT, "Sin perforación intestinal."),
    (VHL, "Kein Von-Hippel-Lindau-Syndrom."),
    (RHYTHM, "Kein Schrittmacher."),
    (RHYTHM, "Interstitielle Zellen (Schrittmacherzellen)."),
    (HEART, "Échocardiographie : pas de cardiopathie carcinoïde."),
    (HEART, "Echokardiographie zum Ausschluss eines Karzinoidherzes."),
    (DEPRESSION, "Keine Depressionen bekannt."),
    (DEPRESSION, "Solunum depresyonu."),
    (LIVER, "Sin cirrosis descompensada."),
    (ASCITES, "Batında asit saptanmadı."),
    (ASCITES, "Batında asit mevcut değil."),
    (ASCITES, "Batında asit izlenmemiştir."),
    (ASCITES, "Folik asit mevcut."),
    (HYPOXIA, "Keine Hypoxämie."),
    (BLOCKED, "Kein Ileus."),
    (BLOCKED, "Postoperative ileus."),
    (BLOCKED, "Paralytischer Ileus."),
    (GUT, "Aufklärung über Blutung und Darmperforation."),
    (CLOTTING, "Pas de maladie de Willebrand."),
    (CLOTTING, "Von-Willebrand-Faktor normal."),
    ("risk.dpd_deficiency", "Kein DPD-Mangel."),
    (REFRACTORY, "Hypertonie nicht ausreichend kontrolliert."),
]


@pytest.mark.parametrize(("fact", "text"), DANGERS)
def test_a_danger_is_heard_in_every_language(fact, text):
    assert value(fact, report(text)) is True


@pytest.mark.parametrize(("fact", "text"), NO_DANGER)
def test_h6_a_danger_that_is_denied_or_another_thing_is_not_read(fact, text):
    assert value(fact, report(text)) is not True


THERAPIES = [
    ("prior.prrt", "Lutetium (177Lu) oxodotreotid", "current"),
    ("prior.prrt", "Lutécium (177Lu) oxodotréotide", "current"),
    ("prior.prrt", "Radionuklidtherapie mit Lutetium-177-DOTATOC", "current"),
    ("prior.prrt", "Radionuklidtherapie mit Lutetium-177-DOTATATE", "current"),
    ("prior.prrt", "Radionuklidtherapie mit Lutetium-177-PSMA", "none"),
    ("prior.liver_radiation", "Karaciğer radyoembolizasyonu", "current"),
    ("risk.alpha_blockade", "Phenoxybenzamin", True),
    ("risk.alpha_blockade", "Doxazosin", True),
    ("risk.alpha_blockade", "Doxazosina 4 mg", True),
    ("risk.alpha_blockade", "Fenoksibenzamin", True),
]


@pytest.mark.parametrize(("fact", "name", "expected"), THERAPIES)
def test_a_treatment_has_its_name_in_every_language(fact, name, expected):
    assert value(fact, statement(name)) == expected


DISTANCES = [
    "Rektum, 8 cm ab ano: submuköse Raumforderung, Tumorgröße 8 mm.",
    "Bei 8 cm ab ano ein Tumor von 8 mm.",
    "8 cm ab Anokutanlinie, Tumorgröße 8 mm.",
    "Tumeur de 8 mm située à 10 cm de la marge anale.",
    "A 10 cm del margen anal, tumor neuroendocrino de 8 mm.",
    "Tumour size 8 mm, 10 cm from the anal verge.",
]


@pytest.mark.parametrize("text", DISTANCES)
def test_a_distance_from_the_anus_is_no_size(text):
    assert value("tumour.size_mm", condition("WHO C20"), report(text)) == "8 mm"


@pytest.mark.parametrize(("fact", "text", "not_meant"), NOT_MEANT)
def test_a_word_of_one_language_is_not_taken_for_that_of_another(fact, text, not_meant):
    assert value(fact, report(text)) != not_meant


# A word that is a common one of another language, with what it means there.
FALSE_FRIENDS = {
    "haut": "skin in German, high in French",
    "rein": "kidney in French, pure in German",
    "sein": "breast in French, to be in German",
    "rate": "spleen in French, rate in English",
    "over": "ovary in Turkish, over in English",
    "meme": "breast in Turkish, same in French",
    "gebe": "pregnant in Turkish, I give in German",
    "asit": "ascites in Turkish, and acid",
    "fixation": "uptake in French, of a bone in English",
    "tres": "three in Spanish, very in French",
    "timo": "thymus in Spanish, a German name",
    "rim": "kidney in Portuguese, an edge in English",
    "ganglion": "lymph node in French, of nerves in English",
    "scanner": "CT in French, a machine in English",
    "hochgradig": "high-grade in German, and severe",
    "ileo": "ileum in Portuguese, ileus in Spanish",
    "mal": "times in German, badly in French",
    "rand": "margin in German, and any edge",
}


@pytest.mark.parametrize("word", FALSE_FRIENDS)
def test_a_false_friend_is_listed_for_no_concept_by_itself(word):
    listed = {normalise(text) for concept in CONCEPTS for text in concept.heard}
    assert word not in listed, FALSE_FRIENDS[word]


def test_an_assay_called_irma_is_no_sister():
    chart, _ = opened(report("Chromogranin A (IRMA) raised, liver metastases."))
    assert any("metastases" in said.sentence.text for said in chart.prose)


def test_drugs_have_their_names_in_every_language():
    for name in ("Octreotid", "Octréotide LP", "Octreotida LAR", "Oktreotid", "Lanreótida"):
        assert value("prior.ssa", statement(name)) == "current", name
    assert not problems(statement("Somatuline"))
