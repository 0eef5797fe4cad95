"""Addresses of supervision."""

from django.urls import path

from supervision.views import board

urlpatterns = [path("board/", board.board_page, name="board")]
