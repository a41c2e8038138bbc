// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { OneStop } from './one-stop.tsx';

afterEach(cleanup);

const group = (names: readonly string[]) => (
  <OneStop label="CPUs">
    {names.map((name) => <button key={name} type="button">{name}</button>)}
  </OneStop>
);
const stops = (): readonly (string | null)[] => screen.getAllByRole('button').filter((button) => button.tabIndex === 0).map((button) => button.textContent);
const press = (key: string): string | null => {
  if (document.activeElement !== null) fireEvent.keyDown(document.activeElement, { key });
  return document.activeElement?.textContent ?? null;
};

describe('many buttons as one tab stop', () => {
  it('are reached by Tab once, at the one that was used last', () => {
    render(group(['0', '1', '2']));
    expect(stops()).toEqual(['0']);
    screen.getByRole('button', { name: '2' }).focus();
    expect(stops()).toEqual(['2']);
  });

  it('are walked by arrows, Home and End, and not past their ends', () => {
    render(group(['0', '1', '2']));
    screen.getByRole('button', { name: '0' }).focus();
    expect(['ArrowLeft', 'ArrowRight', 'ArrowDown', 'ArrowRight', 'ArrowUp', 'Home', 'End'].map(press)).toEqual(['0', '1', '2', '2', '1', '0', '2']);
  });

  it('stay one stop when buttons come and go', () => {
    const { rerender } = render(group(['0', '1']));
    screen.getByRole('button', { name: '1' }).focus();
    rerender(group(['0', '2', '3']));
    expect(stops()).toHaveLength(1);
  });
});
