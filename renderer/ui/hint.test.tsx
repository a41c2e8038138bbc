// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { hint } from './hint.ts';

afterEach(cleanup);

const table = (name: string, use: string) => (
  <div data-testid="table" onPointerOver={hint} onPointerMove={hint}>
    <a href="#/" data-hint>{name}</a>
    <span role="img" aria-label={use} />
    <em title="its own">tuned</em>
    <i>running</i>
  </div>
);
const titles = (): readonly string[] => [...screen.getByTestId('table').children].map((each) => each.getAttribute('title') ?? '-');

it('gives a name or a picture its words as long as the pointer is on it, and nothing else', () => {
  render(table('web-01', '3 % of a CPU in use'));
  expect(titles()).toEqual(['-', '-', 'its own', '-']);
  fireEvent.pointerOver(screen.getByText('web-01'));
  expect(titles()).toEqual(['web-01', '-', 'its own', '-']);
  fireEvent.pointerOver(screen.getByRole('img'));
  expect(titles()).toEqual(['-', '3 % of a CPU in use', 'its own', '-']);
  fireEvent.pointerOver(screen.getByText('tuned'));
  fireEvent.pointerOver(screen.getByText('running'));
  expect(titles()).toEqual(['-', '-', 'its own', '-']);
});

it('has the words of what is shown there now, once the pointer moves', () => {
  const { rerender } = render(table('web-01', ''));
  fireEvent.pointerOver(screen.getByText('web-01'));
  rerender(table('web-02', ''));
  fireEvent.pointerMove(screen.getByText('web-02'));
  expect(titles()[0]).toBe('web-02');
});
