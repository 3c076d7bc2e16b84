from django.urls import path

from prevenance.domains.pages import views

app_name = "pages"
urlpatterns = [
    path("", views.home, name="home"),
    path("sante/", views.health, name="health"),
    path("ma-journee/", views.my_day, name="my_day"),
    path("territoires/<slug:kind>/<slug:code>/", views.territory, name="territory"),
    path("style/", views.style, name="style"),
]
