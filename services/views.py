"""Service pages and the team."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinic_site.publishing.preview import page_of
from services.models import Practitioner, Service
from services.models.service import newest_in_force


@require_safe
def service_list(request):
    return render(request, "services/service_list.html", {"services": Service.objects.for_cards()})


@require_safe
def service_detail(request, slug):
    service = get_object_or_404(Service.objects.for_detail(), slug=slug)
    return render(request, *service_page(service))


@page_of(Service)
def service_page(service, fees=None, questions=None, practitioners=None):
    """Return the template and context of a service; a preview passes unsaved parts and links."""
    return "services/service_detail.html", {
        "service": service,
        "fees": newest_in_force(service.fees.all() if fees is None else fees),
        "questions": service.questions.all() if questions is None else questions,
        "providers": service.providers(practitioners),
        "posts": service.posts.for_cards()[:3] if service.pk else (),
    }


@require_safe
def practitioner_list(request):
    practitioners = Practitioner.objects.for_cards()
    return render(request, "services/practitioner_list.html", {"practitioners": practitioners})


@require_safe
def practitioner_detail(request, slug):
    practitioner = get_object_or_404(Practitioner.objects.for_cards(), slug=slug)
    return render(request, *practitioner_page(practitioner))


@page_of(Practitioner)
def practitioner_page(practitioner, **_):
    """Return the template and context of a practitioner's page."""
    is_new = practitioner.pk is None
    return "services/practitioner_detail.html", {
        "practitioner": practitioner,
        "services": () if is_new else practitioner.services.for_cards(),
        "posts": () if is_new else practitioner.posts.for_cards()[:6],
    }
