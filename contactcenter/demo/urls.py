"""Where the demo's shop answers."""

from django.urls import path

from contactcenter.demo import views

app_name = "shop"
urlpatterns = [
    path("", views.index, name="index"),
    path("shop/token/", views.token, name="token"),
    path("shop/theme.css", views.theme, name="theme"),
    path("shop/pictures/<slug:name>.webp", views.picture, name="picture"),
]
