/**
 * Options of an `LRUCache` that holds so many entries. Its own `max` makes room for all of them at once: 20,000 places in five lists, which
 * the collector then walks over, full or empty.
 */
export const atMost = (entries: number): { maxSize: number; sizeCalculation: () => number } => ({ maxSize: entries, sizeCalculation: () => 1 });
