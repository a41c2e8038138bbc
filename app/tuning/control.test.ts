// What there is to choose of every knob: told apart by its words.
import { expect, it } from 'vitest';
import { type Control, type Field, unknownFacts } from './knob.ts';
import { knobNames, knobs } from './knobs.ts';

const fieldsOf = (control: Control): readonly (readonly [name: string, field: Field])[] => {
  switch (control.kind) {
    case 'pinning':
    case 'own': return [];
    case 'fields':
    case 'list': return Object.entries(control.fields);
    default: return [['', control]];
  }
};

it('no two choices of a field read alike, what an empty one means among them', () => {
  const alike = knobNames.flatMap((name) => fieldsOf(knobs[name].control(unknownFacts('guest'))).flatMap(([key, field]) => {
    const words = field.kind === 'choice' ? [...(field.absent === null ? [] : [field.absent]), ...field.options.map(({ label }) => label)] : [];
    return words.filter((word, place) => words.indexOf(word) !== place).map((word) => `${name} ${key}: ${word}`);
  }));
  expect(alike).toEqual([]);
});
