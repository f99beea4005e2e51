"""Service pages and the team."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from services.models import Fee, Practitioner, Service


@require_safe
def service_list(request):
    return render(request, "services/service_list.html", {"services": Service.objects.for_cards()})


@require_safe
def service_detail(request, slug):
    service = get_object_or_404(Service.objects.for_detail(), slug=slug)
    context = {
        "service": service,
        "fees": Fee.objects.current().filter(service=service),
        "providers": service.providers(),
        "posts": service.posts.for_cards()[:3],
    }
    return render(request, "services/service_detail.html", context)


@require_safe
def practitioner_list(request):
    practitioners = Practitioner.objects.for_cards()
    return render(request, "services/practitioner_list.html", {"practitioners": practitioners})


@require_safe
def practitioner_detail(request, slug):
    practitioner = get_object_or_404(Practitioner.objects.for_cards(), slug=slug)
    context = {
        "practitioner": practitioner,
        "services": practitioner.services.for_cards(),
        "posts": practitioner.posts.for_cards()[:6],
    }
    return render(request, "services/practitioner_detail.html", context)
