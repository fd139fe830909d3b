import { panned } from '../canvas/camera.ts';
import type { Stage, Tool } from './tool.ts';

/** Moves the paper. */
export function hand(stage: Stage): Tool {
  return {
    cursor: 'grab',
    press(first) {
      const camera = stage.camera();
      return {
        move(presses) {
          const { screen } = presses.at(-1) ?? first;
          stage.look(panned(camera, screen.x - first.screen.x, screen.y - first.screen.y));
        },
        end: () => undefined,
        cancel: () => stage.look(camera),
      };
    },
  };
}

const laserPoints = 60;

/** A light that leaves nothing behind. */
export function laser(stage: Stage): Tool {
  return {
    cursor: 'crosshair',
    press(first) {
      let points: number[] = [first.board.x, first.board.y];
      let toldAt = 0;
      const tell = (now: number): void => {
        if (now - toldAt < 40) return;
        toldAt = now;
        stage.board.laser({ page: stage.page(), points: points.map((value) => Math.round(value * 10) / 10) });
      };
      return {
        move(presses) {
          for (const { board } of presses) points.push(board.x, board.y);
          points = points.slice(-laserPoints * 2);
          stage.overlay.laser(points);
          tell(performance.now());
        },
        end: () => undefined,
        cancel: () => undefined,
      };
    },
  };
}
