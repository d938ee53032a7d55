"""Entries of a type that FHIR R4 does not know: nothing of them is read, and that is told.

R4 types that no fact is read from (an Encounter, the OperationOutcome of a search) are passed over.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from cdshooks.fhir.dated import DATED_BY

R4_TYPES: Final = frozenset(
    {
        *("Account", "ActivityDefinition", "AdverseEvent", "AllergyIntolerance", "Appointment"),
        *("AppointmentResponse", "AuditEvent", "Basic", "Binary", "BiologicallyDerivedProduct"),
        *("BodyStructure", "Bundle", "CapabilityStatement", "CarePlan", "CareTeam", "CatalogEntry"),
        *("ChargeItem", "ChargeItemDefinition", "Claim", "ClaimResponse", "ClinicalImpression"),
        *("CodeSystem", "Communication", "CommunicationRequest", "CompartmentDefinition"),
        *("Composition", "ConceptMap", "Condition", "Consent", "Contract", "Coverage"),
        *("CoverageEligibilityRequest", "CoverageEligibilityResponse", "DetectedIssue", "Device"),
        *("DeviceDefinition", "DeviceMetric", "DeviceRequest", "DeviceUseStatement"),
        *("DiagnosticReport", "DocumentManifest", "DocumentReference", "EffectEvidenceSynthesis"),
        *("Encounter", "Endpoint", "EnrollmentRequest", "EnrollmentResponse", "EpisodeOfCare"),
        *("EventDefinition", "Evidence", "EvidenceVariable", "ExampleScenario"),
        *("ExplanationOfBenefit", "FamilyMemberHistory", "Flag", "Goal", "GraphDefinition"),
        *("Group", "GuidanceResponse", "HealthcareService", "ImagingStudy", "Immunization"),
        *("ImmunizationEvaluation", "ImmunizationRecommendation", "ImplementationGuide"),
        *("InsurancePlan", "Invoice", "Library", "Linkage", "List", "Location", "Measure"),
        *("MeasureReport", "Media", "Medication", "MedicationAdministration", "MedicationDispense"),
        *("MedicationKnowledge", "MedicationRequest", "MedicationStatement", "MedicinalProduct"),
        *("MedicinalProductAuthorization", "MedicinalProductContraindication"),
        *("MedicinalProductIndication", "MedicinalProductIngredient"),
        *("MedicinalProductInteraction", "MedicinalProductManufactured"),
        *("MedicinalProductPackaged", "MedicinalProductPharmaceutical"),
        *("MedicinalProductUndesirableEffect", "MessageDefinition", "MessageHeader"),
        *("MolecularSequence", "NamingSystem", "NutritionOrder", "Observation"),
        *("ObservationDefinition", "OperationDefinition", "OperationOutcome", "Organization"),
        *("OrganizationAffiliation", "Parameters", "Patient", "PaymentNotice"),
        *("PaymentReconciliation", "Person", "PlanDefinition", "Practitioner", "PractitionerRole"),
        *("Procedure", "Provenance", "Questionnaire", "QuestionnaireResponse", "RelatedPerson"),
        *("RequestGroup", "ResearchDefinition", "ResearchElementDefinition", "ResearchStudy"),
        *("ResearchSubject", "RiskAssessment", "RiskEvidenceSynthesis", "Schedule"),
        *("SearchParameter", "ServiceRequest", "Slot", "Specimen", "SpecimenDefinition"),
        *("StructureDefinition", "StructureMap", "Subscription", "Substance"),
        *("SubstanceNucleicAcid", "SubstancePolymer", "SubstanceProtein"),
        *("SubstanceReferenceInformation", "SubstanceSourceMaterial", "SubstanceSpecification"),
        *("SupplyDelivery", "SupplyRequest", "Task", "TerminologyCapabilities", "TestReport"),
        *("TestScript", "ValueSet", "VerificationResult", "VisionPrescription"),
    }
)
_NAMED_AT_MOST: Final = 20  # what is made up has no end
_LIKE_A_TYPE: Final = re.compile(r"[A-Za-z]{1,64}")
# What was meant: the silence of that type is no "no" then.
_MEANT: Final = {
    **{kind.lower(): kind for kind in DATED_BY},
    "medicationorder": "MedicationRequest",  # DSTU2
    "medicationprescription": "MedicationRequest",  # DSTU1
}


def name_unknown(types: Sequence[str], report: Callable[[str, str, str], None]) -> frozenset[str]:
    """Name each type that is none of R4 once, with how many; the R4 types that these may be.

    What is not spelt like a type is not repeated: it may be anything.
    """
    unknown = set(types) - R4_TYPES
    if not unknown:  # as good as always
        return frozenset()
    counts = Counter([kind for kind in types if kind in unknown])
    named = sorted(filter(_LIKE_A_TYPE.fullmatch, counts))[:_NAMED_AT_MOST]
    for kind in named:
        report(kind, "resourceType", f"is no type of FHIR R4; not read ({counts.pop(kind)})")
    if counts:
        others = sum(counts.values())
        report("Bundle", "resourceType", f"is no type of FHIR R4; not read ({others}, of any name)")
    return frozenset([_MEANT[kind.lower()] for kind in unknown if kind.lower() in _MEANT])
