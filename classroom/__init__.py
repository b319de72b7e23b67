"""
Sabak: a self-hosted virtual classroom. A class is a log; everything else follows from that.

    __main__   the command line (cli: what it does)   app      builds every object, starts, stops
    config     settings, read once             clock    the shells' clock
    domain     the rules of a class, pure      live     running classes: sessions, readers
    content    people, courses, schedule       store    database, journal, bus, lease
    web        pages, API, health, metrics     i18n     catalogues and Kyrgyz tables for the browser

The media engine lives beside it in `signaling` and has never heard of a class.
"""
