// @vitest-environment happy-dom
// What is offered when the definition changed while its text was edited: nothing is lost, and nothing overwritten, unasked.
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { DefinitionWish } from '../../../app/tuning/definition.ts';
import { XmlMeanwhile } from './xml-meanwhile.tsx';

afterEach(cleanup);

const from = 'one\ntwo\nthree\nfour';
const draft: DefinitionWish = { from, to: 'one\n2\nthree\nfour', validate: true };
const show = (saved: string | null): { readonly wishes: (DefinitionWish | null)[]; readonly press: (name: string) => void } => {
  const wishes: (DefinitionWish | null)[] = [];
  render(<XmlMeanwhile draft={draft} saved={saved} fixed={null} onWrite={(wish) => wishes.push(wish)} onDrop={() => wishes.push(null)} />);
  return { wishes, press: (name) => fireEvent.click(screen.getByRole('button', { name })) };
};
const buttons = (): readonly (string | null)[] => screen.getAllByRole('button').map(({ textContent }) => textContent);

describe('a definition that changed while its text was edited', () => {
  it('is taken over into the text where other lines were edited', () => {
    const { wishes, press } = show('one\ntwo\nthree\nfour\nfive');
    expect(screen.getByRole('figure', { name: 'What was changed in the saved definition meanwhile' }).textContent).toContain('+ five');
    press('Take the change into the text');
    expect(wishes).toEqual([{ from: 'one\ntwo\nthree\nfour\nfive', to: 'one\n2\nthree\nfour\nfive', validate: true }]);
  });

  it('is put aside only by somebody’s own decision where the same lines were edited', () => {
    const saved = 'one\nzwei\nthree\nfour';
    const { wishes, press } = show(saved);
    expect(buttons()).toEqual(['Keep the text, without the change', 'Drop the text']);
    press('Keep the text, without the change');
    expect(wishes).toEqual([{ ...draft, from: saved }]);
  });

  it('may be preferred to the text, and where there is none any more the text can only be copied or dropped', () => {
    const { wishes, press } = show(null);
    expect(buttons()).toEqual(['Drop the text']);
    press('Drop the text');
    expect(wishes).toEqual([null]);
  });
});
