from django.urls import path

from prevenance.domains.accounts import views

app_name = "accounts"
urlpatterns = [
    path("entrer/", views.sign_in, name="sign_in"),
]
