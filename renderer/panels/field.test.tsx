// @vitest-environment happy-dom
// A field whose unit is chosen: rates of networks in bytes or in bits.
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { Field } from '../../app/tuning/knob.ts';
import { RateUnitContext } from '../ui/rate-unit.ts';
import { FieldInput, type FieldValue } from './field.tsx';

afterEach(cleanup);

it('a rate of a network stands there as chosen, and is typed either way', () => {
  const field: Field = { kind: 'number', least: 1, most: 1_000_000, measure: 'kB/s', absent: 'unlimited' };
  const heard: FieldValue[] = [];
  render(
    <RateUnitContext value="bits">
      <FieldInput field={field} label="Average" value={12_500} before={25_000} fixed={null} refused={null} check={() => []} onDrop={() => undefined} onValue={(value) => {
        heard.push(value);
        return true;
      }} />
    </RateUnitContext>,
  );
  const input = screen.getByRole('textbox', { name: 'Average' });
  expect(input).toHaveProperty('value', '100 Mbit/s');
  expect(screen.getByText('was 200 Mbit/s')).toBeDefined();
  fireEvent.change(input, { target: { value: '10 Mbit/s' } });
  fireEvent.change(input, { target: { value: '10 MB/s' } });
  expect(heard).toEqual([1250, 10_000]);
});
