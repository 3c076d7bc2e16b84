from django.urls import path

from prevenance.domains.territories import views

app_name = "territories"
urlpatterns = [
    path("chercher/", views.search, name="search"),
    path("<slug:kind>/<slug:code>/contours.geojson", views.contours, name="contours"),
]
