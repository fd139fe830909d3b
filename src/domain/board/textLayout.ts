/**
 * How wide the characters of the bundled font are (DejaVu Sans 2.37, dejavu-fonts-ttf): so that text wraps at the same place in a browser, in a
 * file and on a machine without fonts. Thousandths of the font size, in base 36; Latin, Greek, Cyrillic, punctuation and mathematics.
 */
const table: readonly (readonly [first: number, widths: string])[] = [
  [0x20, `
    8u b5 cs na ho qe lo 7n au au dw na 8u a1 8u 9d ho ho ho ho ho ho ho ho ho ho 9d 9d na na na er rs j0 j2 je le hk fz lj kw 87 87
    i8 fh nz ks lv gr lv jb hn gz kc j0 rh j1 gz j1 au 9d au na dw dw h1 hn fa hn h3 9s hn hm 7q 7q g3 7q r2 hm h0 hn hn bf eh aw hm
    gg mq gg gg el ho 9d ho na
  `],
  [0xa0, `
    8u b5 ho ho ho ho 9d dw dw rs d3 h0 na a1 rs dw dw na b5 b5 dw ho ho 8u dw b5 d3 h0 qx qx qx er j0 j0 j0 j0 j0 j0 r2 je hk hk hk
    hk 87 87 87 87 lj ks lv lv lv lv lv na lv kc kc kc kc gz gt hi h1 h1 h1 h1 h1 h1 ra fa h3 h3 h3 h3 7q 7q 7q 7q h0 hm h0 h0 h0 h0
    h0 na h0 hm hm hm hm gg hn gg j0 h1 j0 h1 j0 h1 je fa je fa je fa je fa le hn lj hn hk h3 hk h3 hk h3 hk h3 hk h3 lj hn lj hn lj
    hn lj hn kw hm pg jb 87 7q 87 7q 87 7q 87 7q 87 7q ge fg 87 7q i8 g3 g3 fh 7q fh 7q fh af fh 9i fm 7w ks hm ks hm ks hm ml ks hm
    lv h0 lv h0 lv h0 tq sf jb bf jb bf jb bf hn eh hn eh hn eh hn eh gz aw gz aw gz aw kc hm kc hm kc hm kc hm kc hm kc hm rh mq gz
    gg gz j1 el j1 el j1 el 9s
  `],
  [0x370, `
    i6 fs ny hz 7q 7q ks i2 go go dw f9 fa f9 9d 87 go go go go dw dw j8 8u kq o7 bc go ml go mx my 9e j0 j2 fh j0 hk j1 kw lv 87 i8
    j0 nz ks hk lv kw gr go hk gz gz lv j1 lv l8 87 gz ib f1 hm 9e g3 ib hq gg h0 f1 f4 hm h0 9e gd gg ho fj fi h0 gq hn gb hm gq g3
    ic g2 ic n9 9e g3 h0 g3 n9 i8 h2 h7 jf ne jf ic n9 ig lv h0 i0 gb fz cq ic ic o1 hf py n9 l2 ib m0 h3 j3 gv lc hd jf h0 gz ew ig
    hn fa 7q lv h3 h3 gt hn je nz i3 hn jj je jj
  `],
  [0x400, `
    hk hk lu gy je hn 87 87 87 ue t1 lu jq ks gx kw j0 j2 j2 gy lp hk tx ht ks ks jq kw nz kw lv kw gr je gz gx nx j1 lk j2 tp ue n5
    oi j2 je u0 jb h1 h5 gd el j7 h3 p1 es i2 i2 gs hr ky i6 h0 i6 hn fa g7 gg nr gg ix gf pf q6 jn ly gd f9 ne gq h3 h3 hd el f9 eh
    7q 7q 7q p2 oy i4 gs i2 gg i6 py n9 lf io q6 kt of lr w8 rt lv h0 sj mw ho f1 ns oc lv h0 lp ih lp ih rk p4 qh l2 ws sk py n9 je
    fa dy 0 0 0 0 0 bm bm lg it j2 gd gr hn gy el ir ge hc eq tx p1 ht es jq gs jq gs jq gs ns n4 kw id s6 od u1 pg oe j9 je fa gz g7
    gz gg gz gg j1 gg py mf j2 gf j2 gf j2 hm q5 k8 q5 k8 87 tx p1 i8 gs lk im kw id lk ix j2 gf oo li 7q j0 h1 j0 h1 r2 ra hk h3 lv
    h3 lv h3 tx p1 ht es ii g2 ks i2 ks i2 lv h0 lv h0 lv h0 je f9 gx gg gx gg gx gg j2 gf gy el oi ly ir ge j1 gg j1 gg
  `],
  [0x2010, `
    a1 a1 ho dw rs rs dw dw 8u 8u 8u 8u ee ee ee ee dw dw ge ge 9a ij rs 8u
  `],
  [0x20ac, `
    ho
  `],
  [0x2116, `
    sw
  `],
  [0x2190, `
    na na na na
  `],
  [0x2200, `
    j0 ho ed hk hk o7 il il o7 o7 jy o7 o7 jy ho l1 l1 iq na na na 9d hp na he he hp hp hp ju n5 na ow ow na dw dw dw dw kc kc kc kc
    eh lx td eh lx td eh eh eh ho ho 78 ho na na na na na na na na af na na na na na na na na na na na na na na na na na nb nb rs rs
    na na na na na na na na na na na na na na na na
  `],
];
const widths: ReadonlyMap<number, number> = new Map(
  table.flatMap(([first, line]) => line.trim().split(/\s+/).map((width, i): [number, number] => [first + i, Number.parseInt(width, 36)])),
);

/** Of a code point, in thousandths of the font size. What the table has not: 1,000 for East Asian and pictures, 600 for the rest. */
const widthOfCode = (code: number): number => widths.get(code) ?? (code >= 0x2e80 ? 1_000 : 600);

/** A text's width at a font size, in the size's unit. */
export function widthOf(text: string, fontSize: number): number {
  let sum = 0;
  for (const character of text) sum += widthOfCode(character.codePointAt(0) ?? 0);
  return (sum * fontSize) / 1_000;
}

/** Of a line, in font sizes. */
export const lineHeight = 1.25;

/** Lines no wider than `width`: broken at spaces, and within a word that is too long by itself. */
export function linesOf(text: string, fontSize: number, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    let wide = 0;
    const close = () => {
      lines.push(line.trimEnd());
      line = '';
      wide = 0;
    };
    for (const word of paragraph.split(/(?<= )/)) {
      const without = widthOf(word.trimEnd(), fontSize);
      if (line !== '' && wide + without > width) close();
      if (without <= width) {
        line += word;
        wide += widthOf(word, fontSize);
        continue;
      }
      for (const character of word) {
        const more = widthOf(character, fontSize);
        if (line !== '' && wide + more > width) close();
        line += character;
        wide += more;
      }
    }
    close();
  }
  return lines;
}

/** The largest size up to `most` at which a text fits into a box; not below 8. */
export function fittingSize(text: string, most: number, width: number, height: number): number {
  for (let size = most; size > 8; size -= 2) if (linesOf(text, size, width).length * size * lineHeight <= height) return size;
  return Math.min(most, 8);
}
