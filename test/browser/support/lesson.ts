import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { eventually } from '../../support/eventually.ts';
import { pixel, visit, type Visitor } from './browser.ts';
import type { LessonServer, Person } from './lessonServer.ts';

export const red = '#d6293e';
export const paper = '#ffffff';

type ShapeOnBoard = { id: string; type: string; layer: string; width: number; height: number; rotation: number };
type PageOnBoard = { id: string; title: string; layers: { id: string; name: string; visible: boolean; locked: boolean }[]; shapes: ShapeOnBoard[] };
export type BoardOnServer = { version: number; pages: PageOnBoard[]; text: string };

/** One server and one browser, three people, and what tests do with them. */
export type Lesson = {
  server: LessonServer; browser: Browser; olena: Person; bohdan: Person; sofiia: Person;
  /** At an address; closed after the test. */
  at(address: string, options?: BrowserContextOptions): Promise<Visitor>;
  /** In a room that goes on. */
  enter(roomId: string, who: Person, options?: BrowserContextOptions): Promise<Visitor>;
  /** As the server has it. */
  boardOf(roomId: string): Promise<BoardOnServer>;
};

export function createLesson(server: LessonServer, browser: Browser, [olena, bohdan, sofiia]: readonly [Person, Person, Person], visitors: Visitor[]): Lesson {
  const lesson: Lesson = {
    server, browser, olena, bohdan, sofiia,
    async at(address, options) {
      const visitor = await visit(browser, address, options);
      visitors.push(visitor);
      return visitor;
    },
    async enter(roomId, who, options) {
      const visitor = await lesson.at(server.address(roomId, who), options);
      await visitor.page.locator('.room').waitFor();
      await visitor.page.getByText('Live', { exact: true }).waitFor();
      return visitor;
    },
    async boardOf(roomId) {
      const { body } = await server.ask(olena.token, 'GET', `/classroom/sessions/${roomId}/board`);
      return { version: body.version, pages: body.pages, text: JSON.stringify(body) };
    },
  };
  return lesson;
}

export const isRed = (page: Page, x: number, y: number) => eventually(async () => (await pixel(page, x, y)) === red);
export const isPaper = (page: Page, x: number, y: number) => eventually(async () => (await pixel(page, x, y)) === paper);
export const choose = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
