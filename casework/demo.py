"""What the people of a demonstration did before anybody looks: weeks of decisions, letters and cases, and the returns.

Everything goes through the actions a person uses, each at the moment of its day (`told_at`). What the last week brought
is left undecided: it is the visitor's.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby, pairwise

from attendance_mis import clock
from attendance_mis.demo import told_at
from attendance_mis.models import Membership, School
from attendance_mis.permissions import Role
from attendance_mis.tenancy import acting_for
from casework.actions import cases, deciding, leave, meetings, plans
from casework.actions.clocks import make_return, record_clocks_done
from casework.actions.evaluating import evaluate_night, evaluate_school
from casework.case_rules import Goal, State
from casework.clocks import Kind
from casework.leave_rules import Slot, Span
from casework.models import Barrier, Case, LeaveRequest, Meeting, Plan, PlanAction, Proposal, Task
from casework.returns import return_of
from casework.statutory import running_clocks
from letters.actions.approving import approve_letters
from letters.actions.printing import make_print_run, note_posted
from letters.actions.queueing import drop_letters
from letters.actions.rendering import render_due
from letters.models import Letter
from letters.preparing import prepare
from registers.calendar_rules import Session, academic_year_bounds, academic_year_of, monday_of
from registers.codes import code_for
from registers.models import Contact, Mark, PlannedAbsence, Pupil, SchoolDay
from registers.siblings import siblings_of

LEFT_TO_DO = timedelta(7)  # what fell due later is for the visitor
WEEKS, LETTERS_A_WEEK = 7, 4
EVENING, MORNING, MEETING, AFTER_SCHOOL = time(18), time(8, 20), time(15, 30), time(16)


@dataclass(frozen=True, slots=True)
class Told:
    """One family's case in words. `came` says whether the family came to the review of its plan."""

    concern: str
    voice: str
    side: str
    barrier: str
    support: str
    parents_do: str
    school_does: str
    came: bool
    review: str
    helped: str


REMEMBERED = (
    ("Grandmother's funeral is in Cardiff that day.", "A funeral in the family."),
    ("My brother is married that day; we all go.", "A wedding in the close family."),
    ("My husband is home on leave from the Navy and sails again on Sunday.", "A parent of the armed forces on leave."),
    (
        "We have the appointment with the housing office and nobody to fetch the children.",
        "The family moves house in need.",
    ),
)
"""The words of leave that is over, and the exceptional circumstances the head found in them."""
SIDES = Barrier.Side
CASES = (
    Told(
        concern="Mondays and Fridays are missed, each time with a headache.",
        voice="I do not like the bus on Mondays.",
        side=SIDES.PUPIL,
        barrier="Worried on the way to school since the move.",
        support="A mentor, and somebody to meet at the gate.",
        parents_do="Leave the house at 08:15, together.",
        school_does="A mentor at the gate on Mondays.",
        came=True,
        review="The mornings are calmer. Goes in with a friend now.",
        helped="somebody to meet at the gate",
    ),
    Told(
        concern="Whole weeks at a time; the family looks after a grandmother.",
        voice="I help Nan when Dad is on nights.",
        side=SIDES.PARENTS,
        barrier="The father works nights, and nobody else drives.",
        support="The walking bus, and a place at breakfast club.",
        parents_do="Ring before 08:30 when a night has gone wrong.",
        school_does="Keep the place at breakfast club free.",
        came=False,
        review="Nobody came. We visit at home on Thursday.",
        helped="breakfast club",
    ),
    Told(
        concern="Ill every few weeks, and behind in reading since.",
        voice="I do not know what they are doing in class.",
        side=SIDES.IN_SCHOOL,
        barrier="Comes back to lessons that began days before.",
        support="Twenty minutes of reading with a teaching assistant after each absence.",
        parents_do="Ask the surgery for an asthma plan.",
        school_does="Have the missed pages ready on the first morning back.",
        came=True,
        review="The asthma plan is here. Reading is catching up.",
        helped="help with learning missed",
    ),
    Told(
        concern="Late on most days, and on the worst of them not here at all.",
        voice="Mum goes to work when I am asleep.",
        side=SIDES.OUT_OF_SCHOOL,
        barrier="The mother's shift begins at 06:00; a neighbour brings the child, when she can.",
        support="Drop-off from 08:00 at breakfast club.",
        parents_do="Tell the neighbour the evening before.",
        school_does="Ring the neighbour at 08:30 when nobody has come.",
        came=True,
        review="Here on most days. To be looked at again before the holidays.",
        helped="a changed timetable",
    ),
)


def tell_casework(school_id: int, day: str) -> None:
    """Tell the weeks before a day, and evaluate the day itself."""
    with acting_for(school_id):
        _Weeks(School.objects.get(pk=school_id), date.fromisoformat(day)).tell()


def person(school: School, role: Role) -> Membership:
    """Who has this role at a demonstration school."""
    return Membership.objects.filter(school=school, role=role, ended_at=None).earliest("pk")


class _Weeks:
    def __init__(self, school: School, today: date) -> None:
        self.school, self.today = school, today
        self.manager, self.lead = (person(school, role) for role in (Role.MANAGER, Role.LEAD))
        self.by = self.manager.actor()
        self.tellings = iter(CASES)

    def tell(self) -> None:
        year = academic_year_bounds(academic_year_of(self.today))[0]
        span = (max(year, self.today - timedelta(weeks=WEEKS)), self.today - timedelta(1))
        days = list(SchoolDay.objects.filter(day__range=span).order_by("day").values_list("day", flat=True))
        weeks = [list(week) for _, week in groupby(days, monday_of)]
        for week, after in pairwise([*weeks, []]):
            with self._at(week[-1], EVENING):
                evaluate_school(school=self.school, on=week[-1])
            if after:
                # The registers of the day are in: what a case keeps of it is what the record says of this moment.
                with self._at(after[0], AFTER_SCHOOL):
                    self._finish(before=week[-1])
                    self._decide(after[0])
                    self._post(after[0])
                self._review(upto=after[-1])
        evaluate_night(school=self.school, day=self.today)
        self._plan_a_meeting()
        self._ask_for_leave()
        if days:
            self._grant_leave(days[-1])
        self._remember_leave()

    def _at(self, day: date, at: time) -> AbstractContextManager[None]:
        return told_at(datetime.combine(day, at, self.school.zone))

    def _finish(self, before: date) -> None:
        """What was to be done by the end of last week is done, but for every fifth."""
        for number, task in enumerate(Task.objects.to_do().filter(due__lte=before).order_by("pk")):
            if number % 5 != 4:
                deciding.finish_task(task=task, outcome="Spoken with the family: they will ring in future.", by=self.by)

    def _decide(self, today: date) -> None:
        """A case and some letters a week; most of what the policy proposes is a talk that has taken place already."""
        opened = False
        for number, proposal in enumerate(Proposal.objects.to_decide().select_related("pupil").order_by("pk")):
            match proposal.kind, proposal.occasion:
                case Proposal.Kind.CASE, _:
                    told = None if opened else next(self.tellings, None)
                    if told:
                        opened = True
                        self._open_case(proposal.pupil, told, today)
                    else:
                        self._decline(proposal, "The class teacher talks with the family first.")
                case Proposal.Kind.LETTER, "First-day absence without contact":
                    self._decline(proposal, "The office has reached the mother by telephone.")
                case Proposal.Kind.LETTER, "Meeting" | "Attendance contract":
                    self._decline(proposal, "Arranged by telephone.")
                case Proposal.Kind.LETTER, "Notice to improve" | "Penalty warning":
                    self._decline(proposal, "Support comes first; the head weighs it after the meeting.")
                case Proposal.Kind.REFERRAL, _:
                    self._decline(proposal, "Not yet: the school has more to offer.")
                case Proposal.Kind.TASK, _ if number % 2:
                    self._decline(proposal, "Spoken about at the gate already.")
                case _:
                    deciding.accept(proposal=proposal, by=self.by)

    def _decline(self, proposal: Proposal, reason: str) -> None:
        deciding.decline(proposal=proposal, reason=reason, by=self.by)

    def _open_case(self, pupil: Pupil, told: Told, today: date) -> None:
        case = cases.open_case(
            pupil=pupil, lead_id=self.manager.user_id, concern=told.concern, voice=told.voice, today=today, by=self.by
        )
        cases.add_barrier(case=case, side=told.side, what=told.barrier, today=today, by=self.by)
        self._make_plan(case, told, today)

    def _make_plan(self, case: Case, told: Told, today: date) -> None:
        review = SchoolDay.objects.filter(day__gte=today + timedelta(weeks=3)).order_by("day").first()
        if review is None:  # the end of the last year that has a calendar
            return
        plans.make_plan(
            case=case,
            version=case.version,
            starts=today,
            review_on=review.day,
            support=told.support,
            targets=[plans.WantedTarget(Goal.PLAN_PERCENT, Decimal(95), review.day, case.barriers.first())],
            actions=[(PlanAction.Who.PARENTS, told.parents_do), (PlanAction.Who.SCHOOL, told.school_does)],
            by=self.by,
        )

    def _post(self, today: date) -> None:
        """Some letters go into the post, one a family; the others of the week are dropped."""
        waiting = list(Letter.objects.proposed().select_related("template", "pupil").order_by("pk"))
        kin, told, chosen, too_many = siblings_of(self.school), set[int](), list[int](), list[int]()
        for letter in waiting:
            spare = letter.pupil_id in told or len(chosen) == LETTERS_A_WEEK
            (too_many if spare else chosen).append(letter.pk)
            told |= {letter.pupil_id, *kin.get(letter.pupil_id, ())}
        roles = {Role.MANAGER, Role.HEAD}
        prepared = prepare(self.school, [letter for letter in waiting if letter.pk in chosen], today, roles)
        unsent = too_many + [each.letter.pk for each in prepared if each.reasons]
        clear = [each.letter.pk for each in prepared if not each.reasons]
        if unsent:
            drop_letters(letters=unsent, reason="Spoken with the family instead.", by=self.by)
        if clear:
            approve_letters(school=self.school, letters=clear, roles=roles, by=self.by)
            render_due(school=self.school)
            run = make_print_run(school=self.school, by=self.by)
            note_posted(run=run, posted=list(run.copies.values_list("pk", flat=True)), by=self.by)

    def _review(self, upto: date) -> None:
        """The plans whose day has come; a case that got better is closed, another goes on with a new plan."""
        due = Plan.objects.filter(is_reviewed=False, review_on__lte=upto).select_related("case__pupil", "case__school")
        for plan in due:
            told = next(each for each in CASES if each.concern == plan.case.concern)
            with self._at(plan.review_on, MEETING):
                plans.review_plan(
                    plan=plan,
                    version=plan.case.version,
                    on=plan.review_on,
                    was_held=told.came,
                    present="Both parents" if told.came else "",
                    summary=told.review,
                    done=plan.actions.filter(who=PlanAction.Who.SCHOOL).values_list("pk", flat=True),
                    helped=[told.helped] if told.came else [],
                    today=plan.review_on,
                    by=self.by,
                )
                self._go_on(Case.objects.select_related("pupil", "school").get(pk=plan.case_id), plan, told)

    def _go_on(self, case: Case, plan: Plan, told: Told) -> None:
        """A new plan where nobody came, closed where the absence has halved; else the next step is a person's."""
        plan.refresh_from_db()
        if not told.came:
            self._make_plan(case, told, plan.review_on)
        elif plan.after.absence * plan.before.possible * 2 <= plan.before.absence * plan.after.possible:
            closing = "Half of the absence, and a child who likes to come."
            cases.close_case(
                case=case, version=case.version, outcome=Case.Outcome.IMPROVED, closing=closing,
                today=plan.review_on, by=self.by,
            )  # fmt: skip

    def _plan_a_meeting(self) -> None:
        """The family of the newest case is to be invited: the letter waits to be approved."""
        days = SchoolDay.objects.filter(day__gt=self.today + timedelta(5))
        case = Case.objects.exclude(state=State.CLOSED).select_related("school", "pupil").first()
        if case and (day := days.order_by("day").values_list("day", flat=True).first()):
            meetings.plan_meeting(
                case=case,
                kind=Meeting.Kind.IMPROVEMENT,
                at=datetime.combine(day, MEETING, self.school.zone),
                place="The headteacher's office",
                others=f"{self.lead.user.name}, {self.lead.position}",
                invited=parents_of(case.pupil)[:1],
                by=self.by,
            )

    def _ask_for_leave(self) -> None:
        """A family asks for days before the next holiday: the head's to decide."""
        first = SchoolDay.objects.filter(day__gt=self.today + timedelta(14)).order_by("day").first()
        pupil = Pupil.objects.on_roll(self.today).filter(year_group="4").order_by("pk").last()
        if first and pupil and (parents := parents_of(pupil)):
            application = leave.Application(
                asked_on=self.today - timedelta(1),
                span=Span(first.day, first.day + timedelta(1)),
                applicants=(parents[0].name,),
                applicant_ids=(parents[0].pk,),
                purpose="exceptional",
                words="My sister is married in Leeds; we would travel on the day before.",
            )
            leave.ask_leave(
                school=self.school, pupils=[pupil], application=application, by=person(self.school, Role.OFFICE).actor()
            )

    def _grant_leave(self, day: date) -> None:
        """What the registers know as leave to come was asked for by a parent, and granted by the head."""
        head = person(self.school, Role.HEAD)
        ahead = PlannedAbsence.objects.standing().filter(kind=PlannedAbsence.Kind.LEAVE, start__gt=self.today)
        for planned in ahead.select_related("pupil"):
            if not (parents := parents_of(planned.pupil)):
                continue
            span = Span(planned.start, planned.end)
            application = leave.Application(
                asked_on=day,
                span=span,
                applicants=(parents[0].name,),
                applicant_ids=(parents[0].pk,),
                purpose="exceptional",
                words=f"{planned.note}: we would fly on the evening before.",
            )
            decision = leave.Decision(
                granted=span,
                reason="We are sorry for your loss.",
                purpose="exceptional",
                circumstances=planned.note,
            )
            with self._at(day, MORNING):
                asked = leave.ask_leave(
                    school=self.school, pupils=[planned.pupil], application=application,
                    by=person(self.school, Role.OFFICE).actor(),
                )  # fmt: skip
            with self._at(day, EVENING):
                leave.decide_leave(school=self.school, requests=asked, decision=decision, by=head.actor())

    def _remember_leave(self) -> None:
        """Every C of the registers so far stands in leave that a parent asked for and the head granted (REG11).

        Written at once, a row for each run of sessions: of what is long over the demonstration keeps the record alone.
        """
        head, office = person(self.school, Role.HEAD), person(self.school, Role.OFFICE)
        held = [
            (day, session)
            for day, *is_held in SchoolDay.objects.order_by("day").values_list("day", "am", "pm")
            for session, is_open in zip(Session, is_held, strict=True)
            if is_open
        ]
        place = {slot: nth for nth, slot in enumerate(held)}
        names: dict[int, Contact] = {}
        for contact in Contact.objects.filter(parental_responsibility=True).order_by("-priority"):
            names[contact.pupil_id] = contact
        known: dict[int, list[Span]] = {}
        for request in LeaveRequest.objects.filter(state=LeaveRequest.State.GRANTED):
            known.setdefault(request.pupil_id, []).append(request.span)
        marks = Mark.objects.filter(code=code_for("C", self.today).number, day__lte=self.today)
        runs: list[tuple[int, list[Slot]]] = []
        for pupil_id, day, half in marks.order_by("pupil", "day", "session").values_list("pupil", "day", "session"):
            slot = (day, Session(half))
            if slot not in place or any(span.covers(slot) for span in known.get(pupil_id, ())):
                continue
            if runs and runs[-1][0] == pupil_id and place[runs[-1][1][-1]] + 1 == place[slot]:
                runs[-1][1].append(slot)
            else:
                runs.append((pupil_id, [slot]))
        found = []
        for nth, (pupil_id, slots) in enumerate(runs):
            (first, first_session), (last, last_session) = slots[0], slots[-1]
            asked_on = held[max(place[slots[0]] - 10, 0)][0]
            parent = names.get(pupil_id)
            words, circumstances = REMEMBERED[nth % len(REMEMBERED)]
            found.append(
                LeaveRequest(
                    school=self.school, pupil_id=pupil_id, asked_on=asked_on, first=first, first_session=first_session,
                    last=last, last_session=last_session, applicants=[parent.name if parent else "A parent"],
                    applicant_ids=[parent.pk] if parent else [], purpose="exceptional", words=words,
                    noted_at=datetime.combine(asked_on, MORNING, self.school.zone), noted_by=office.user,
                    state=LeaveRequest.State.GRANTED,
                    decided_at=datetime.combine(asked_on, EVENING, self.school.zone), decided_by=head.user,
                    decided_by_name=head.user.name, decided_by_position=head.position, reason="Granted.",
                    circumstances=circumstances, granted_first=first, granted_first_session=first_session,
                    granted_last=last, granted_last_session=last_session, code=code_for("C", first).number,
                )
            )  # fmt: skip
        LeaveRequest.objects.bulk_create(found, batch_size=1000)


def parents_of(pupil: Pupil) -> list[Contact]:
    """The contacts with parental responsibility who get letters, the first to be asked on top."""
    return list(pupil.contacts.filter(parental_responsibility=True, receives_letters=True).order_by("priority"))


def make_due_returns(school_id: int, day: str) -> None:
    """Make every return that fell due a week before a day, and tell the authority of part-time timetables."""
    before = date.fromisoformat(day) - LEFT_TO_DO
    with acting_for(school_id):
        school = School.objects.get(pk=school_id)
        by = person(school, Role.OFFICE).actor()
        keys: dict[Kind, list[str]] = {}
        for each in running_clocks(school, clock.now(school)):
            if each.clock.is_reached and each.clock.due and each.clock.due < before:
                keys.setdefault(return_of(each.clock.kind) or each.clock.kind, []).append(each.key)
        for kind, of_kind in keys.items():
            if return_of(kind):
                make_return(school=school, kind=kind, keys=of_kind, by=by)
            elif kind is Kind.PART_TIME_TOLD:
                record_clocks_done(school=school, keys=of_kind, note="By the authority's form.", by=by)
