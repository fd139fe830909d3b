import type { Layer, Op, Page, SentShape, Shape } from '../../../src/domain/board/index.ts';

/** The board as one would write it in an afternoon: mutable, a map of everything, no sharing and no index. What the real one must agree with. */
export class NaiveBoard {
  pages: (Page & { layers: Layer[] })[] = [{ id: 'page-1', title: 'Page 1', z: 'a0', layers: [{ id: 'layer-1', page: 'page-1', name: 'Layer 1', z: 'a0', visible: true, locked: false }] }];
  shapes = new Map<string, Shape>();

  private sort() {
    const byZ = (a: { z: string; id: string }, b: { z: string; id: string }) => (a.z + '\0' + a.id < b.z + '\0' + b.id ? -1 : 1);
    this.pages.sort(byZ);
    for (const { layers } of this.pages) layers.sort(byZ);
  }
  private page(id: string) { return this.pages.find((page) => page.id === id); }
  private layer(page: string, id: string) { return this.page(page)?.layers.find((layer) => layer.id === id); }
  private put(shape: SentShape, author: string) {
    const page = this.page(shape.page) ?? this.pages[0]!;
    const layer = page.layers.find(({ id }) => id === shape.layer) ?? page.layers[0]!;
    this.shapes.set(shape.id, { ...structuredClone(shape), author, page: page.id, layer: layer.id } as Shape);
  }
  private clear(page: string | undefined, layer: string | undefined) {
    for (const shape of [...this.shapes.values()]) if ((page === undefined || shape.page === page) && (layer === undefined || shape.layer === layer)) this.shapes.delete(shape.id);
  }

  apply(op: Op, author: string): void {
    switch (op.op) {
      case 'shape.add': if (!this.shapes.has(op.shape.id)) this.put(op.shape, op.shape.author ?? author); break;
      case 'shape.append': { const shape = this.shapes.get(op.id); if (shape?.type === 'stroke') shape.points.push(...op.points); break; }
      case 'shape.update': {
        const shape = this.shapes.get(op.id);
        if (!shape) break;
        const { style, ...rest } = op.set;
        const own = Object.keys(shape);
        for (const [field, value] of Object.entries(rest)) if (own.includes(field)) Object.assign(shape, { [field]: structuredClone(value) });
        Object.assign(shape.style, style);
        for (const field of op.unset ?? []) delete (shape.style as Record<string, unknown>)[field.slice(6)];
        this.put(shape, shape.author);
        break;
      }
      case 'shape.delete': this.shapes.delete(op.id); break;
      case 'shape.split': { const source = this.shapes.get(op.id); if (!source) break; this.shapes.delete(op.id); for (const piece of op.into) if (!this.shapes.has(piece.id)) this.put(piece, source.author); break; }
      case 'page.add': {
        if (this.page(op.page.id)) break;
        const seen = new Map<string, Layer>();
        for (const layer of op.layers ?? []) if (!seen.has(layer.id)) seen.set(layer.id, { ...layer, page: op.page.id });
        if (seen.size === 0) seen.set('layer-1', { id: 'layer-1', page: op.page.id, name: 'Layer 1', z: 'a0', visible: true, locked: false });
        this.pages.push({ ...op.page, layers: [...seen.values()] });
        break;
      }
      case 'page.update': {
        const page = this.page(op.id);
        if (!page) break;
        if (op.set.title !== undefined) page.title = op.set.title;
        if (op.set.background === null) delete page.background;
        else if (op.set.background !== undefined) page.background = op.set.background;
        break;
      }
      case 'page.reorder': Object.assign(this.page(op.id) ?? {}, { z: op.z }); break;
      case 'page.delete': if (this.page(op.id) && this.pages.length > 1) { this.clear(op.id, undefined); this.pages = this.pages.filter(({ id }) => id !== op.id); } break;
      case 'layer.add': if (!this.layer(op.layer.page, op.layer.id)) this.page(op.layer.page)?.layers.push({ ...op.layer }); break;
      case 'layer.update': Object.assign(this.layer(op.page, op.id) ?? {}, op.set); break;
      case 'layer.reorder': Object.assign(this.layer(op.page, op.id) ?? {}, { z: op.z }); break;
      case 'layer.delete': { const page = this.page(op.page); if (page && this.layer(op.page, op.id) && page.layers.length > 1) { this.clear(op.page, op.id); page.layers = page.layers.filter(({ id }) => id !== op.id); } break; }
      case 'board.clear': this.clear(op.pageId, op.layerId); break;
      case 'board.restore': break;
    }
    this.sort();
  }
}
