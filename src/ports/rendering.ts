/** Pictures for people who take them along: the same everywhere, whatever fonts the machine has. */
export type Rendering = {
  /**
   * SVG text → PNG. Fonts are bundled (DejaVu Sans, and DejaVu Sans Mono by name: Latin, Cyrillic, Greek …; every other family becomes DejaVu Sans). The SVG holds all that
   * it shows: images as data: URIs of PNG or JPEG (`imageForSvg`), nothing by address.
   * @param options.maxPixels a larger picture is scaled down to it. Default 16 million
   * @throws DomainError `exportTooLarge` (text or images of it), `unavailable` (too many at once) · Error when it is no such SVG
   */
  png(svg: string, options?: { maxPixels?: number }): Promise<Buffer>;
  /**
   * A data: URI for `href` in such an SVG: PNG or JPEG, at most `maxSide` pixels wide and high. Default 1,024, with which more than a hundred fit into one picture.
   * @throws DomainError `unavailable`
   */
  imageForSvg(bytes: Buffer, maxSide?: number): Promise<string>;
};
