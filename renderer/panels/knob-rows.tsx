// The rows of one knob in its card: each unit, each field, now and after restart side by side.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ButtonBase from '@mui/material/ButtonBase';
import FormHelperText from '@mui/material/FormHelperText';
import IconButton from '@mui/material/IconButton';
import Tooltip from '@mui/material/Tooltip';
import { mdiChevronDown, mdiChevronRight, mdiPlus, mdiTrashCanOutline } from '@mdi/js';
import { type ReactNode, useId, useState } from 'react';
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { type Control, type Field, type Fields, type Finding, itemField, type Knob, type Truth, truths, type Unit } from '../../app/tuning/knob.ts';
import { type KnobName, knobs, type KnobValue, settingOf } from '../../app/tuning/knobs.ts';
import { compareUnits } from '../../app/tuning/alike.ts';
import { same } from '../../app/tuning/same.ts';
import { useColors } from '../ui/colors.ts';
import { Icon } from '../ui/icon.tsx';
import { FieldInput, type FieldValue, worst } from './field.tsx';
import { fieldName, inTruth, itemFieldName, itemName } from './field-names.ts';
import { Revert, wayBack } from './revert.tsx';
import type { Tuning } from './tuning.ts';

/** Every unit either truth has, in order. */
export const unitsOf = ({ actual, edited }: Pick<Tuning, 'actual' | 'edited'>, knob: KnobName): readonly Unit[] =>
  [...new Set([actual.saved, actual.live, edited.saved, edited.live].flatMap((settings) => Object.keys(settings?.[knob] ?? {})))].toSorted(compareUnits);

interface CellProps {
  readonly tuning: Tuning;
  readonly knob: KnobName;
  readonly unit: Unit;
  readonly truth: Truth;
  readonly control: Control;
}

const isItem = (value: unknown): value is Readonly<Record<string, FieldValue>> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isFieldValue = (value: unknown): value is FieldValue => value === null || ['number', 'string', 'boolean'].includes(typeof value);
/** The truths that the guest has: one that is shut off has no now, a transient one no restart. */
export const truthsOf = ({ actual }: Pick<Tuning, 'actual'>): readonly Truth[] => truths.filter((truth) => actual[truth] !== null);

const fieldOf = (value: unknown): FieldValue => (isFieldValue(value) ? value : null);

const fieldAt = (item: unknown, key: string): FieldValue => fieldOf(isItem(item) ? item[key] : null);
const withKey = (value: unknown, key: string, to: FieldValue): unknown => ({ ...(isItem(value) ? value : {}), [key]: to });

/** What the host has and what is wished of one unit in one truth; undefined = the guest has no such unit there. */
const valuesOf = ({ actual, edited, wanted, check }: Tuning, knob: KnobName, unit: Unit, truth: Truth): { readonly before: unknown; readonly value: unknown } => {
  const wishes: Readonly<Record<Unit, unknown>> = wanted[truth]?.[knob] ?? {};
  const wish = wishes[unit];
  // A definition may not be able to say what cannot be, such as more vCPUs than there may be: that stands as it was wished, until another field makes room for it.
  const isWrong = wish !== undefined && check(knob, unit, truth, wish).some(({ level }) => level === 'error');
  return { before: actual[truth]?.[knob][unit], value: isWrong ? wish : edited[truth]?.[knob][unit] };
};

/** Whether it is a value that the knob can have, and is wished now. */
const put = (tuning: Tuning, knob: KnobName, unit: Unit, truth: Truth, value: unknown): boolean => {
  const setting = settingOf(knob, value);
  if (setting !== null) tuning.set(knob, [truth], { [unit]: setting.value });
  return setting !== null;
};

/** How a field's value lies in the knob's: under a key, or it is the whole. */
interface Way {
  readonly key?: string;
  readonly get: (value: unknown) => unknown;
  readonly put: (value: unknown, field: FieldValue) => unknown;
}

/** Why a field cannot be edited; null = it can. */
const whyFixed = (tuning: Tuning, truth: Truth, control: Control, field?: Field & { readonly nowFixed?: string }): string | null =>
  tuning.fixed ?? control.fixed ?? (truth === 'live' ? (control.nowFixed ?? field?.nowFixed ?? null) : null);

/** Whether a number is one that no other setting makes room for: then there is nothing to wait for, and thousands of units are not drawn for a slip of the finger. */
const isOutside = (knob: KnobName, field: Field, at: Way, value: FieldValue): boolean =>
  field.kind === 'number' && typeof value === 'number' && (value < field.least || value > field.most) && (at.key === undefined || knobs[knob].takesAway === true);

/** One field in one truth; `at` takes it out of the knob's value and puts it back. */
const Cell = ({ tuning, knob, unit, truth, control, field, label, at }: CellProps & {
  readonly field: Field;
  readonly label: string;
  readonly at: Way;
}): ReactNode => {
  const { before, value } = valuesOf(tuning, knob, unit, truth);
  if (value === undefined) return <Box sx={{ color: 'text.secondary', pt: '6px' }}>{tuning.actual[truth] === null ? (truth === 'live' ? 'not running' : 'not saved') : ((truth === 'live' ? control.nowNone : undefined) ?? 'not there')}</Box>;
  const check = (typed: FieldValue): readonly Finding[] => findingsAt(tuning.check(knob, unit, truth, at.put(value, typed)), at, typed, before);
  const isImpossible = (typed: FieldValue): boolean => isOutside(knob, field, at, typed) && worst(check(typed))?.level === 'error';
  return (
    <FieldInput
      field={field}
      label={inTruth(label, truth)}
      value={fieldOf(at.get(value))}
      before={before === undefined ? null : fieldOf(at.get(before))}
      fixed={whyFixed(tuning, truth, control, field)}
      refused={tuning.refused(knob, unit, truth, value)}
      check={check}
      onValue={(typed) => !isImpossible(typed) && put(tuning, knob, unit, truth, at.put(value, typed))}
      onDrop={() => void put(tuning, knob, unit, truth, at.put(value, before === undefined ? null : fieldOf(at.get(before))))}
    />
  );
};

/** What speaks against one field: nothing against what the host has already; what is about all fields stands at those that were edited. */
const findingsAt = (findings: readonly Finding[], at: Way, typed: FieldValue, before: unknown): readonly Finding[] => {
  if (before !== undefined && same(typed, fieldOf(at.get(before)))) return findings.filter(({ field }) => field !== undefined && field === at.key);
  return findings.filter(({ field }) => field === undefined || field === at.key);
};

const whole: Way = { get: (value: unknown) => value, put: (_: unknown, field: FieldValue) => field };
const keyed = (key: string): Way => ({ key, get: (value: unknown) => fieldAt(value, key), put: (value: unknown, field: FieldValue) => withKey(value, key, field) });

type InTruths = { readonly [T in Truth]: ReactNode };
const inTruths = (draw: (truth: Truth) => ReactNode): InTruths => ({ live: draw('live'), saved: draw('saved') });

/** The name, both truths, and the way back. */
const Row = ({ name, hint, tuning, knob, unit, cells, way = true }: { readonly name: ReactNode; readonly hint?: string | undefined; readonly tuning: Tuning; readonly knob: KnobName; readonly unit: Unit; readonly cells: InTruths; readonly way?: boolean }): ReactNode => (
  <>
    <Box sx={{ alignSelf: 'start', pt: '6px', overflowWrap: 'anywhere' }} title={hint}>{name}</Box>
    {truthsOf(tuning).map((truth) => <Box key={truth} sx={{ minWidth: 0 }}>{cells[truth]}</Box>)}
    <Box sx={{ pt: '5px' }}>{way && tuning.fixed === null && <Revert way={wayBack(tuning, knob, unit)} />}</Box>
  </>
);

/** CSS pixels that a field of an item has at least, where there are as many: a MAC address is longer than a number. */
const roomFor = (field: Field): number => (field.kind === 'text' && field.example.length > 14 ? 170 : 110);

/** The items of a list in one truth, each with its fields; added and removed here. */
const List = ({ tuning, knob, unit, truth, control, list }: CellProps & { readonly list: Extract<Control, { kind: 'list' }> }): ReactNode => {
  const { before, value } = valuesOf(tuning, knob, unit, truth);
  if (!Array.isArray(value)) return <Box sx={{ color: 'text.secondary', pt: '6px' }}>{sayUnit(tuning, knob, unit, truth)}</Box>;
  const items: readonly unknown[] = value;
  const had: readonly unknown[] = Array.isArray(before) ? before : [];
  const fixed = whyFixed(tuning, truth, control);
  const name = inTruth(knobs[knob].name(unit), truth);
  // What is only shown needs no fields: a running guest's CPU may have a hundred features.
  if (fixed !== null) return <Box role="group" aria-label={name} title={fixed} sx={{ color: 'text.secondary', pt: '6px', overflowWrap: 'anywhere' }}>{sayUnit(tuning, knob, unit, truth)}{control.fixed !== undefined && truth === 'saved' && <Box sx={{ fontSize: 12 }}>{control.fixed}</Box>}</Box>;
  const change = (next: readonly unknown[]): boolean => put(tuning, knob, unit, truth, next);
  const check = (wished: readonly unknown[]): readonly Finding[] => (same(wished, before) ? [] : tuning.check(knob, unit, truth, wished));
  const inItem = (field: string | undefined): boolean => field !== undefined && items.some((_, index) => Object.keys(list.fields).some((key) => field === itemField(index, key)));
  const problem = worst(check(items).filter(({ field }) => !inItem(field)));
  const about = aboutUnit(tuning, knob, unit, truth);
  const refused = tuning.refused(knob, unit, truth, value);
  return (
    <Box role="group" aria-label={name} sx={{ display: 'grid', gap: '6px' }}>
      {items.map((item, index) => (
        // Items have no name of their own but their place.
        <Box key={index} role="group" aria-label={inTruth(itemName(list.item, index), truth)} sx={{ display: 'flex', flexWrap: 'wrap', gap: '6px', alignItems: 'start', border: 1, borderColor: 'divider', borderRadius: '6px', p: '6px' }}>
          {Object.entries(list.fields).map(([key, field]) => (
            <Box key={key} sx={{ flex: `1 1 ${roomFor(field)}px`, minWidth: 90 }}>
              <Box sx={{ fontSize: 11, color: 'text.secondary' }} title={field.hint}>{field.label}</Box>
              <FieldInput
                field={field}
                label={inTruth(itemFieldName(field, list.item, index), truth)}
                terse
                value={fieldAt(item, key)}
                before={fieldAt(had[index] ?? item, key)}
                fixed={null}
                refused={null}
                check={(typed) => check(items.with(index, withKey(item, key, typed))).filter(({ field: of }) => of === itemField(index, key))}
                onValue={(typed) => change(items.with(index, withKey(item, key, typed)))}
                onDrop={() => void change(items.with(index, withKey(item, key, fieldAt(had[index] ?? list.fresh, key))))}
              />
            </Box>
          ))}
          <Tooltip title={`Remove ${itemName(list.item, index)}`}>
            <IconButton aria-label={inTruth(`Remove ${itemName(list.item, index)}`, truth)} onClick={() => void change(items.toSpliced(index, 1))} sx={{ p: '5px' }}><Icon path={mdiTrashCanOutline} size={16} /></IconButton>
          </Tooltip>
        </Box>
      ))}
      {refused !== null && <FormHelperText error>The host refused this: {refused}</FormHelperText>}
      {problem !== undefined && <Box role="alert" sx={{ fontSize: 12, color: problem.level === 'error' ? 'error.main' : 'text.secondary' }}>{problem.message}</Box>}
      {items.length === 0 && <Box sx={{ color: 'text.secondary', pt: '6px' }}>none</Box>}
      {about !== '' && <Box sx={{ fontSize: 12, color: 'text.secondary' }}>{about}</Box>}
      {items.length < list.most && (
        <Button sx={{ justifySelf: 'start' }} startIcon={<Icon path={mdiPlus} size={16} />} aria-label={inTruth(`Add ${list.item}`, truth)} onClick={() => void change([...items, list.fresh])}>Add {list.item}</Button>
      )}
    </Box>
  );
};

/** What a unit has in one truth, in words. */
const sayUnit = <K extends KnobName>(tuning: Tuning, knob: K, unit: Unit, truth: Truth): string => {
  const settings = tuning.edited[truth];
  if (settings === null) return truth === 'live' ? 'not running' : 'not saved';
  const units: Readonly<Record<Unit, KnobValue<K>>> = settings[knob];
  const value = units[unit];
  return value === undefined ? 'not there' : (knobs[knob] as Knob<KnobValue<K>>).say(value);
};

/** What is worth knowing of an unfolded unit in one truth. */
const aboutUnit = (tuning: Tuning, knob: KnobName, unit: Unit, truth: Truth): string => {
  const xml = tuning.after[truth];
  return xml === null || tuning.edited[truth]?.[knob][unit] === undefined ? '' : (knobs[knob].about?.(unit, xml, tuning.facts) ?? '');
};

const FieldRow = ({ tuning, knob, unit, control, at, field }: Omit<CellProps, 'truth'> & { readonly at: string; readonly field: Fields[string] }): ReactNode => {
  const own = { tuning, knob, unit, control, field, label: fieldName(knobs[knob].name(unit), field), at: keyed(at) };
  const name = <Box component="span" sx={{ pl: '18px', display: 'block' }}>{field.label}</Box>;
  return <Row name={name} hint={field.hint} tuning={tuning} knob={knob} unit={unit} way={false} cells={{ live: <Cell {...own} truth="live" />, saved: <Cell {...own} truth="saved" /> }} />;
};

const unitName = { justifyContent: 'flex-start', textAlign: 'left', gap: '2px', fontSize: 'inherit', fontFamily: 'inherit', fontWeight: 600, py: '4px', alignItems: 'start' } as const;

/** What a setting does, below its name. */
const Hint = ({ text }: { readonly text: string }): ReactNode => <Box sx={{ gridColumn: '1 / -1', pl: '18px', fontSize: 12, color: 'text.secondary' }}>{text}</Box>;

/** A unit of several fields: folded to what it has in words, unless it is the only one, edited, or unfolded. */
const FieldsUnit = ({ tuning, knob, unit, control, fields, alone }: Omit<CellProps, 'truth'> & { readonly fields: Fields; readonly alone: boolean }): ReactNode => {
  const { accent } = useColors();
  const [open, setOpen] = useState(alone);
  const name = knobs[knob].name(unit);
  const id = useId();
  const edited = truths.some((truth) => Object.hasOwn(tuning.wanted[truth]?.[knob] ?? {}, unit));
  const shown = open || edited;
  return (
    <Box role="group" aria-label={name} sx={{ display: 'contents' }}>
      <ButtonBase aria-expanded={shown} aria-controls={id} disabled={edited} onClick={() => setOpen(!shown)} title={control.hint} sx={unitName}>
        <Icon path={shown ? mdiChevronDown : mdiChevronRight} size={16} />
        <Box component="span" sx={{ overflowWrap: 'anywhere' }}>{name}</Box>
      </ButtonBase>
      {truthsOf(tuning).map((truth) => <Box key={truth} sx={{ py: '4px', color: edited ? accent.text : 'text.secondary', overflowWrap: 'anywhere' }}>{shown ? aboutUnit(tuning, knob, unit, truth) : sayUnit(tuning, knob, unit, truth)}</Box>)}
      <Box sx={{ pt: '2px' }}><Revert way={wayBack(tuning, knob, unit)} /></Box>
      <Box id={id} sx={{ display: 'contents' }}>
        {shown && control.hint !== undefined && <Hint text={control.hint} />}
        {shown && Object.entries(fields).map(([key, field]) => <FieldRow key={key} tuning={tuning} knob={knob} unit={unit} control={control} at={key} field={field} />)}
      </Box>
    </Box>
  );
};

/** Units beyond which those of one knob are folded into one row: nobody reads a list of 64. */
const manyUnits = 12;

/** Which units have which value, in words: `0-47: plugged; 48-63: not plugged`. */
const sayMany = (tuning: Tuning, knob: KnobName, units: readonly Unit[], truth: Truth): string => {
  const by = new Map<string, readonly Unit[]>();
  for (const unit of units) {
    const words = sayUnit(tuning, knob, unit, truth);
    by.set(words, [...(by.get(words) ?? []), unit]);
  }
  if (by.size === 1) return `all: ${[...by.keys()].join('')}`;
  return [...by].map(([words, own]) => `${CpuSet.of(own.map(Number)).toString()}: ${words}`).join('; ');
};

/** Many units of one knob, folded into what they have in common; what is edited is shown all the same. */
const ManyUnits = ({ tuning, knob, units, control, fields }: Omit<CellProps, 'truth' | 'unit'> & { readonly units: readonly Unit[]; readonly fields: Fields }): ReactNode => {
  const [open, setOpen] = useState(false);
  const id = useId();
  const isEdited = (unit: Unit): boolean => truths.some((truth) => Object.hasOwn(tuning.wanted[truth]?.[knob] ?? {}, unit));
  return (
    <>
      <ButtonBase aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)} title={control.hint} sx={unitName}>
        <Icon path={open ? mdiChevronDown : mdiChevronRight} size={16} />
        <Box component="span" sx={{ overflowWrap: 'anywhere' }}>{knobs[knob].label} ({units.length})</Box>
      </ButtonBase>
      {truthsOf(tuning).map((truth) => <Box key={truth} sx={{ py: '4px', color: 'text.secondary', overflowWrap: 'anywhere' }}>{open ? '' : sayMany(tuning, knob, units, truth)}</Box>)}
      <span />
      <Box id={id} sx={{ display: 'contents' }}>
        {units.filter((unit) => open || isEdited(unit)).map((unit) => <FieldsUnit key={unit} tuning={tuning} knob={knob} unit={unit} control={control} fields={fields} alone={false} />)}
      </Box>
    </>
  );
};

const lists = (own: Omit<CellProps, 'truth'> & { readonly list: Extract<Control, { kind: 'list' }> }): InTruths => inTruths((truth) => <List {...own} truth={truth} />);
const wholes = (own: Omit<CellProps, 'truth'> & { readonly field: Field; readonly label: string }): InTruths => inTruths((truth) => <Cell {...own} truth={truth} at={whole} />);

const UnitRows = ({ tuning, knob, unit, control, alone }: Omit<CellProps, 'truth'> & { readonly alone: boolean }): ReactNode => {
  const name = knobs[knob].name(unit);
  const own = { tuning, knob, unit };
  switch (control.kind) {
    case 'pinning':
    case 'own': return null;
    case 'fields': return <FieldsUnit {...own} control={control} fields={control.fields} alone={alone} />;
    case 'list': return (
      <>
        <Row name={name} {...own} cells={lists({ ...own, control, list: control })} />
        {control.hint !== undefined && <Hint text={control.hint} />}
      </>
    );
    case 'number':
    case 'choice':
    case 'switch':
    case 'text': return <Row name={name} hint={control.hint} {...own} cells={wholes({ ...own, control, field: control, label: name })} />;
  }
};

/** All rows of a knob: one for each unit, or for each field of each unit. */
export const KnobRows = ({ tuning, knob }: { readonly tuning: Tuning; readonly knob: KnobName }): ReactNode => {
  const control = knobs[knob].control(tuning.facts);
  const units = unitsOf(tuning, knob);
  if (control.kind === 'fields' && units.length > manyUnits && units.every((unit) => /^\d+$/.test(unit))) return <ManyUnits tuning={tuning} knob={knob} units={units} control={control} fields={control.fields} />;
  return units.map((unit) => <UnitRows key={unit} tuning={tuning} knob={knob} unit={unit} control={control} alone={units.length === 1} />);
};
