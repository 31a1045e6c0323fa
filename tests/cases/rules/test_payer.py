"""The payer decision of RULES 1.9, row by row."""

import pytest

from cases.rules.payer import Accident, Facts, Payer, decide

JR, JKK, JKN, REGION, SELF = Payer.JASA_RAHARJA, Payer.JKK, Payer.JKN, Payer.REGION, Payer.SELF


@pytest.mark.parametrize(
    ("facts", "payers"),
    [
        (Facts(), [JKN]),
        (Facts(jkn_active=True), [JKN]),
        (Facts(jkn_active=False), [REGION, SELF]),
        (Facts(jkn_active=False, has_local_scheme=False), [SELF]),
        (Facts(accident=Accident.TRAFFIC_SEVERAL, jkn_active=True), [JR, JKN]),
        (Facts(accident=Accident.TRAFFIC_SEVERAL, jkn_active=False), [JR, REGION, SELF]),
        (Facts(accident=Accident.TRAFFIC_SINGLE, jkn_active=True), [JKN]),
        (Facts(accident=Accident.TRAFFIC_SINGLE, in_public_transport=True, jkn_active=True), [JR, JKN]),
        (Facts(accident=Accident.TRAFFIC_SINGLE, for_work=True), [JKK]),
        (Facts(accident=Accident.TRAFFIC_SEVERAL, for_work=True), [JR, JKK]),
        (Facts(accident=Accident.WORK), [JKK]),
        (Facts(accident=Accident.WORK, found_not_work=True, jkn_active=True), [JKN]),
        (Facts(accident=Accident.OCCUPATIONAL_DISEASE), [JKK]),
        (Facts(accident=Accident.OCCUPATIONAL_DISEASE, found_not_work=True, jkn_active=False), [REGION, SELF]),
        (Facts(accident=Accident.VIOLENCE_OR_SELF, jkn_active=True), [JKN, REGION]),
        (Facts(accident=Accident.VIOLENCE_OR_SELF, for_work=True), [JKK]),
    ],
)
def test_who_pays_in_which_order(facts, payers):
    assert [step.payer for step in decide(facts).steps] == payers


def test_an_emergency_is_treated_before_anybody_asks_who_pays():
    assert decide(Facts(is_emergency=True)).treat_first


def test_every_step_says_why_with_its_source_and_how_sure_we_are():
    for accident in Accident:
        for step in decide(Facts(accident=accident)).steps:
            assert step.why
            assert step.source.startswith("RULES")
            assert step.confidence in {"L", "N", "D", "G", "!"}


def test_what_is_not_known_is_asked():
    assert "accident" in decide(Facts()).to_ask
    assert "jkn_active" in decide(Facts(accident=Accident.NONE)).to_ask
    assert "police_report" in decide(Facts(accident=Accident.TRAFFIC_SINGLE, jkn_active=True)).to_ask
    assert decide(Facts(accident=Accident.NONE, jkn_active=True)).to_ask == ()
