"""Where everything answers."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from calls.views import healthz
from calls.views_erase import lead_erase_page

admin.site.site_header = admin.site.site_title = f"{settings.COMPANY_NAME} contact center"
admin.site.index_title = "Administration"

urlpatterns = [
    path("admin/leads/lead/<path:lead_id>/erase/", admin.site.admin_view(lead_erase_page), name="lead-erase"),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
    path("accounts/login/", LoginView.as_view(template_name="accounts/login.html"), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("", include("leads.urls")),
    path("", include("contactcenter.demo.urls")),
]
