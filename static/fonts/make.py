#!/usr/bin/env python3
"""make.py SANS_400.ttf SANS_600.ttf SERIF_600.ttf: writes the WOFF2 files for pages and the TrueType files for PDF.

The sources are the TrueType files of the npm packages @expo-google-fonts/source-sans-3 0.4.1 and
@expo-google-fonts/source-serif-4 0.4.1 (SIL Open Font License, OFL.txt; the name Source is reserved, so these are
renamed). Needs fonttools and brotli.

Kerning is kept as an old-fashioned kern table, for the letters of the region: the program reads it and sets it.

PDF faces come in pairs: gofpdf applies no OpenType features, so the Serbian and Macedonian form of the letter be
(U+0431) stands in the cmap of the second file, `*-sr.ttf`. Letters that the sources lack are composed here:
academic Macedonian g and k with acute and the digraph letters that old keyboards produce.
"""
import io
import sys
from fontTools import subset
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._k_e_r_n import KernTable_format_0

NAMES = ('sans-400', 'sans-600', 'serif-600')
FAMILIES = ('Attesta Sans', 'Attesta Sans', 'Attesta Serif')
# what the eight languages need comes first and small; the rest of Latin only where a name needs it
PAGES = {
    'latin': 'U+0020-007E,U+00A0,U+00A7,U+00A9,U+00AB,U+00B0,U+00B7,U+00BB,U+00C7,U+00CB,U+00D6,U+00D7,U+00DC,'
             'U+00E4,U+00E7,U+00E9,U+00EB,U+00F6,U+00FC,U+00DF,U+0106-0107,U+010C-010D,U+0110-0111,U+0160-0161,'
             'U+017D-017E,U+2010-2014,U+2018-201E,U+2020-2022,U+2026,U+2039-203A,U+20AC,U+2190-2193,U+2212',
    'latin-more': 'U+00A1-00A6,U+00A8,U+00AA,U+00AC,U+00AE-00AF,U+00B1-00B6,U+00B8-00BA,U+00BC-00C6,U+00C8-00CA,'
                  'U+00CC-00D5,U+00D8-00DB,U+00DD-00DE,U+00E0-00E3,U+00E5-00E6,U+00E8,U+00EA,U+00EC-00F5,U+00F7-00FB,'
                  'U+00FD-00FF,U+0100-0105,U+0108-010B,U+010E-010F,U+0112-015F,U+0162-017C,U+017F,U+0218-021B,'
                  'U+0300-0304,U+030C,U+2015,U+2122,U+2713',
    'cyrillic': 'U+0300-0301,U+0400-045F,U+0490-0491,U+2116',
}
DOCUMENT = ('U+0020-007E,U+00A0-017F,U+0192,U+01C4-01CC,U+01CD-01DC,U+01E6-01E7,U+01F4-01F5,U+0218-021B,U+0300-0304,'
            'U+0306-0308,U+030A-030C,U+0323,U+0327,U+0328,U+0386,U+0388-038A,U+038C,U+038E-03A1,U+03A3-03CE,U+0400-045F,U+0490-0491,U+1E30-1E31,U+1E80-1E85,'
            'U+1E9E,U+1EA0-1EF9,U+2009,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+202F,U+2030,U+2039-203A,U+20AC,'
            'U+2116,U+2122,U+2190-2193,U+2212,U+2260,U+2264-2265,U+2713,U+2717')
# what is kerned: pairs within a script, and with punctuation, but never across a place where a line may end
KERNED = ('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzÇçËëĆćČčĐđŠšŽžŚśŹź', 'АБВГДЂЕЖЗИЈКЛЉМНЊОПРСТЋУФХЦЧЏШЃЅЌабвгдђежзијклљмнњопрстћуфхцчџшѓѕќ')
MARKS = '.,:;„“”‚‘’()*'
# composed letter: base, accent, letter whose accent is at the right height
ACCENTED = {0x01F4: ('G', 0x0106, 'C'), 0x01F5: ('g', 0x0107, 'c'), 0x1E30: ('K', 0x0139, 'L'), 0x1E31: ('k', 0x013A, 'l')}
PAIRED = {0x01C4: 'DŽ', 0x01C5: 'Dž', 0x01C6: 'dž', 0x01C7: 'LJ', 0x01C8: 'Lj', 0x01C9: 'lj', 0x01CA: 'NJ', 0x01CB: 'Nj',
          0x01CC: 'nj', 0x0132: 'IJ', 0x0133: 'ij'}


def rename(font, family):
    for r in font['name'].names:
        if r.nameID in (1, 3, 4, 6, 16):
            r.string = family.replace(' ', '') if r.nameID == 6 else family


def bounds(glyphs, name):
    pen = BoundsPen(glyphs)
    glyphs[name].draw(pen)
    return pen.bounds


def add(font, code, draw, width):
    name = 'uni%04X' % code
    pen = TTGlyphPen(None)
    draw(pen)
    font['glyf'][name] = pen.glyph()
    font['hmtx'][name] = (width, 0)
    if name not in font.getGlyphOrder():
        font.setGlyphOrder(font.getGlyphOrder() + [name])
    for table in font['cmap'].tables:
        if table.isUnicode() and table.format in (4, 12):
            table.cmap[code] = name
    font['maxp'].numGlyphs = len(font.getGlyphOrder())


def accent_of(font, composite, base):
    """The contours of an accented letter that its base hasn't: those above everything the base reaches."""
    glyphs, cmap = font.getGlyphSet(), font.getBestCmap()
    rec = DecomposingRecordingPen(glyphs)
    glyphs[cmap[composite]].draw(rec)
    contours, current = [], []
    for op in rec.value:
        current.append(op)
        if op[0] in ('closePath', 'endPath'):
            contours.append(current)
            current = []
    low = lambda c: min(p[1] for _, pts in c for p in pts if p)
    return max(contours, key=low)


def box(contour):
    xs = [p[0] for _, pts in contour for p in pts if p]
    return min(xs), max(xs)


def compose(font):
    cmap = font.getBestCmap()
    for code, (base, model, plain) in ACCENTED.items():
        if code in cmap:
            continue
        glyphs, name = font.getGlyphSet(), cmap[ord(base)]
        accent = accent_of(font, model, plain)
        x0, _, x1, _ = bounds(glyphs, name)
        lo, hi = box(accent)
        middle = (x0 + x1) / 2 if base != 'k' else x0 + (x1 - x0) * .36
        shift = middle - (lo + hi) / 2 + (hi - lo) * .12

        def draw(pen, name=name, accent=accent, shift=shift, glyphs=glyphs):
            glyphs[name].draw(pen)
            moved = TransformPen(pen, (1, 0, 0, 1, round(shift), 0))
            for op, points in accent:
                getattr(moved, op)(*points)
        add(font, code, draw, font['hmtx'][name][0])
    for code, pair in PAIRED.items():
        if code in cmap:
            continue
        glyphs = font.getGlyphSet()
        a, b = (cmap[ord(c)] for c in pair)

        def draw(pen, a=a, b=b, glyphs=glyphs):
            glyphs[a].draw(pen)
            glyphs[b].draw(TransformPen(pen, (1, 0, 0, 1, glyphs[a].width, 0)))
        add(font, code, draw, font['hmtx'][a][0] + font['hmtx'][b][0])
    if 0x2011 not in cmap:
        for table in font['cmap'].tables:
            if table.isUnicode():
                table.cmap[0x2011] = cmap[0x2010] if 0x2010 in cmap else cmap[ord('-')]


def serbian_be(font):
    """The glyph that locl puts for U+0431 in Serbian."""
    gsub = font['GSUB'].table
    for script in gsub.ScriptList.ScriptRecord:
        for lang in script.Script.LangSysRecord:
            if script.ScriptTag != 'cyrl' or lang.LangSysTag != 'SRB ':
                continue
            for i in lang.LangSys.FeatureIndex:
                record = gsub.FeatureList.FeatureRecord[i]
                for lookup in record.Feature.LookupListIndex if record.FeatureTag == 'locl' else []:
                    for table in gsub.LookupList.Lookup[lookup].SubTable:
                        to = getattr(getattr(table, 'ExtSubTable', table), 'mapping', {}).get('uni0431')
                        if to:
                            return to
    raise SystemExit('no Serbian form of U+0431')


def kerning(font):
    """The advance that GPOS takes from or adds to a pair of letters, by their codes."""
    gpos, cmap = font['GPOS'].table, font.getBestCmap()
    wanted = {i for r in gpos.FeatureList.FeatureRecord if r.FeatureTag == 'kern' for i in r.Feature.LookupListIndex}
    tables = [getattr(t, 'ExtSubTable', t) for i in sorted(wanted) for t in gpos.LookupList.Lookup[i].SubTable]
    pairs = {}
    for letters in KERNED:
        for a in letters + MARKS:
            for b in letters + MARKS:
                if ord(a) in cmap and ord(b) in cmap and (a in letters or b in letters):
                    v = next((v for t in tables if (v := pair_value(t, cmap[ord(a)], cmap[ord(b)])) is not None), 0)
                    if v:
                        pairs[ord(a), ord(b)] = v
    return pairs


def pair_value(table, left, right):
    if not hasattr(table, 'Coverage') or left not in table.Coverage.glyphs:
        return None
    if table.Format == 1:
        for record in table.PairSet[table.Coverage.glyphs.index(left)].PairValueRecord:
            if record.SecondGlyph == right:
                return advance(record.Value1)
        return None
    record = table.Class1Record[table.ClassDef1.classDefs.get(left, 0)]
    return advance(record.Class2Record[table.ClassDef2.classDefs.get(right, 0)].Value1)


def advance(value):
    return getattr(value, 'XAdvance', 0) if value else 0


def add_kerning(font, pairs):
    cmap = font.getBestCmap()
    table = newTable('kern')
    sub = KernTable_format_0(False)
    sub.coverage, sub.tupleIndex = 1, None
    sub.kernTable = {(cmap[a], cmap[b]): v for (a, b), v in pairs.items() if a in cmap and b in cmap}
    table.version, table.kernTables = 0, [sub]
    font['kern'] = table


def flatten(font):
    """No composite glyphs: gofpdf's subsetting then has nothing to renumber inside an outline."""
    glyphs, table = font.getGlyphSet(), font['glyf']
    for name in font.getGlyphOrder():
        if table[name].isComposite():
            rec, pen = DecomposingRecordingPen(glyphs), TTGlyphPen(None)
            glyphs[name].draw(rec)
            rec.replay(pen)
            table[name] = pen.glyph()


def pages(path, name, family):
    for part, chars in PAGES.items():
        o = subset.Options()
        o.flavor, o.hinting = 'woff2', False
        o.layout_features = ['kern', 'liga', 'locl', 'tnum', 'lnum', 'ccmp', 'mark']
        f = subset.load_font(path, o)
        s = subset.Subsetter(o)
        s.populate(unicodes=subset.parse_unicodes(chars))
        s.subset(f)
        rename(f, family)
        subset.save_font(f, f'{name}-{part}.woff2', o)


def document(path, name, family, serbian):
    font = TTFont(path)
    if serbian:
        be = serbian_be(font)
        for table in font['cmap'].tables:
            if table.isUnicode() and 0x0431 in table.cmap:
                table.cmap[0x0431] = be
    pairs = kerning(font)
    flatten(font)
    compose(font)
    composed = io.BytesIO()
    font.save(composed)
    font = TTFont(composed)
    o = subset.Options()
    o.hinting, o.layout_features, o.drop_tables = False, [], subset.Options().drop_tables + ['GSUB', 'GPOS', 'GDEF', 'BASE', 'STAT', 'DSIG']
    o.glyph_names, o.recalc_timestamp = False, False
    s = subset.Subsetter(o)
    s.populate(unicodes=subset.parse_unicodes(DOCUMENT))
    s.subset(font)
    rename(font, family)
    add_kerning(font, pairs)
    font.save(f'{name}-sr.ttf' if serbian else f'{name}.ttf', reorderTables=True)


for path, name, family in zip(sys.argv[1:], NAMES, FAMILIES):
    pages(path, name, family)
    document(path, name, family, False)
    document(path, name, family, True)
