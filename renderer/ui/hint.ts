// Hints for a table that changes under the pointer: a title that is set anew with each row has the page look through its style for it.
import type { PointerEvent } from 'react';

/** What a picture says, or what a name is whole. Whether a name has room is not asked: that would have the page laid out at once. */
const wordsOf = (element: HTMLElement): string | null =>
  (element.getAttribute('role') === 'img' ? element.getAttribute('aria-label') : element.dataset['hint'] === undefined ? null : element.textContent);

let hinted: HTMLElement | null = null;

/** For `onPointerOver` and `onPointerMove` of the table: a picture, or a name with `data-hint`, gets a title while the pointer is on it. One that has its own keeps it. */
export const hint = ({ target }: PointerEvent): void => {
  if (hinted !== null && hinted !== target) {
    hinted.removeAttribute('title');
    hinted = null;
  }
  if (!(target instanceof HTMLElement) || (hinted === null && target.hasAttribute('title'))) return;
  const words = wordsOf(target);
  if (words === null) return;
  hinted = target;
  if (target.title !== words) target.title = words;
};
