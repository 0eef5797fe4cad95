"""Every address of the product."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

handler500 = "yuquan_relief.kernel.views.pages.went_wrong"

urlpatterns = [
    path("", include("yuquan_relief.kernel.urls")),
    path("", include("cases.urls")),
    path("", include("funds.urls")),
    path("", include("archives.urls")),
    path("", include("supervision.urls")),
    path("api/v1/", include("archives.api.urls")),
    path("api/v1/", include("cases.api.urls")),
    path("api/v1/", include("funds.api.urls")),
    path("api/v1/", include("supervision.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="api_schema"), name="api_docs"),
]
