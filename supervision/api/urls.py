"""Addresses of the interface to statistics."""

from django.urls import path

from supervision.api.views import Stats

urlpatterns = [path("stats/<str:group>/", Stats.as_view(), name="api_stats")]
