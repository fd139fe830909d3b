/** As much of an element as a panel of buttons needs: the tests have no browser, and look at nothing that a browser would have to lay out. */
export class FakeElement extends EventTarget {
  readonly attributes = new Map<string, string>();
  readonly dataset: Record<string, string> = {};
  readonly style = { setProperty: (): void => undefined };
  readonly classList = { add: (): void => undefined, toggle: (): void => undefined };
  children: FakeElement[] = [];
  hidden = false;
  srcObject: object | null = null;

  get lastElementChild(): FakeElement | undefined {
    return this.children.at(-1);
  }
  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }
  append(...children: FakeElement[]): void {
    this.children.push(...children);
  }
  replaceChildren(...children: FakeElement[]): void {
    this.children = children;
  }
  remove(): void {}
  async play(): Promise<void> {}
}

export const fakeDocument = { createElement: () => new FakeElement(), createElementNS: () => new FakeElement() };
