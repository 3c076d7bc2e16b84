"""What tests of screens read."""

import re

from django.urls import reverse


def at(name, *arguments):
    return reverse(f"strategy:{name}", args=arguments)


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))
