"""The server's entry: the whole product is read before the first request."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prevenance.config.settings")
application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)
# What stays as long as the process is gone through no more each time that pages' own objects are collected: a tenth of
# a second, at the expense of whoever asked for the page.
gc.collect()
gc.freeze()
