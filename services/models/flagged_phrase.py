"""The log of phrases that a college's rule is about, and of the decisions about them."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from clinic_site.web.generic import GenericModel, GenericQuerySet
from services.compliance import rules as college_rules


class FlaggedPhraseQuerySet(GenericQuerySet):
    def current(self):
        """Keep phrases that are still in the text as it was last saved."""
        return self.exclude(decision=self.model.Decision.GONE)

    def approved(self):
        """Keep phrases that an owner decided to publish."""
        return self.filter(decision=self.model.Decision.APPROVED)

    def log(self, obj, found, by, is_public, reason):
        """Log what the rules found in an object that was saved, and what was decided.

        Args:
            found: (label of the field, Finding) pairs.
            by: the user who saved it.
            is_public: whether readers will see the text.
            reason: why an owner publishes it anyway, or "".
        """
        decisions = self.model.Decision
        standing = {one.key: one for one in self.for_object(obj).current()}
        for key, (label, finding) in {key_of(*one): one for one in found}.items():
            one = standing.pop(key, None) or self.model.found(obj, label, finding)
            if reason and one.decision != decisions.APPROVED:
                one.decide(decisions.APPROVED, by, reason)
            elif is_public and one.decision == decisions.OPEN:
                one.decide(decisions.WARNED, by)
            elif one.pk is None:
                one.save()
        for one in standing.values():
            one.decide(decisions.GONE, by, one.reason)


def key_of(label, finding):
    """Return what one decision covers: a phrase in its sentence, field and rule."""
    return key(finding.rule.id, label, finding.phrase, finding.sentence)


def key(rule, where, phrase, sentence):
    return rule, where[:80], phrase[:200].casefold(), sentence.casefold()


class FlaggedPhrase(GenericModel):
    """A phrase in a sentence that a rule is about."""

    class Decision(models.TextChoices):
        OPEN = "open", "In a draft"
        WARNED = "warned", "Published with the warning"
        APPROVED = "approved", "Published with a reason"
        GONE = "gone", "Removed"

    title = models.CharField("text", max_length=120)
    where = models.CharField(max_length=80)
    rule = models.CharField(max_length=40)
    rules_of = models.DateField("version of the rules")
    phrase = models.CharField(max_length=200)
    sentence = models.TextField(blank=True)
    found_at = models.DateTimeField(default=timezone.now)
    decision = models.CharField(max_length=8, choices=Decision, default=Decision.OPEN)
    decided_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField("name at that time", max_length=310, blank=True)
    reason = models.TextField(blank=True)

    objects = FlaggedPhraseQuerySet.as_manager()

    class Meta(GenericModel.Meta):
        ordering = ["-pk"]
        default_permissions = ("view",)
        permissions = [("decide_flagged", "Can publish a phrase that a college’s rule stops")]

    def __str__(self):
        return f"“{self.phrase}” in {self.title}"

    @classmethod
    def found(cls, obj, label, finding):
        return cls(
            obj=obj,
            title=str(obj)[:120],
            where=label[:80],
            rule=finding.rule.id,
            rules_of=college_rules.version(),
            phrase=finding.phrase[:200],
            sentence=finding.sentence,
        )

    @property
    def key(self):
        return key(self.rule, self.where, self.phrase, self.sentence)

    def decide(self, decision, by, reason=""):
        self.decision, self.decided_at, self.reason = decision, timezone.now(), reason
        self.by, self.by_name = by, by.get_full_name() or by.get_username()
        self.save()
