"""
Languages: from gettext files and CLDR to the one JSON file a language that browsers load.

    catalogues.py   classroom/locale/LANG/AREA.po -> one checked set of messages a language
    cldr.py         dates, numbers, plurals, lists and order, as Babel's copy of CLDR has them
    extract.py      the sentences that the web client uses, read from its source
    __main__.py     python -m classroom.i18n OUT_DIR

The browser's own tables are of no use: Chrome has none for Kyrgyz.
"""

LANGUAGES = ("ky", "ru", "en")
