// Pinning of every thread of a guest on its host's topology, now and after a restart.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ButtonBase from '@mui/material/ButtonBase';
import { memo, type ReactNode, useDeferredValue, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { truths, type Facts, type Finding, type Truth, type Unit } from '../../app/tuning/knob.ts';
import { type KnobName, knobNames, knobs, type KnobValue } from '../../app/tuning/knobs.ts';
import { normalPin } from '../../app/tuning/pinning.ts';
import { compareUnits } from '../../app/tuning/alike.ts';
import { useWidth } from '../ui/canvas.tsx';
import { Card } from '../ui/card.tsx';
import { useColors } from '../ui/colors.ts';
import { OneStop } from '../ui/one-stop.tsx';
import { Tag } from '../ui/tag.tsx';
import { monospace } from '../ui/theme.ts';
import { TruthSwitch } from '../ui/truth.tsx';
import { type ShownTruth, truthNames } from '../ui/truth-names.ts';
import { dieHeight, layoutOf } from './layout.ts';
import { type MatrixRow, rowHeight } from './matrix-drawing.ts';
import { Legend } from './pinning-legend.tsx';
import { Heat, Headings } from './pinning-headings.tsx';
import { PinField, type PinFieldActs } from './pin-field.tsx';
import { PinningMatrix } from './pinning-matrix.tsx';
import { PlaceDialog } from './place-dialog.tsx';
import { Revert, wayBack } from './revert.tsx';
import { nextNode, paint, paintAdds, type Pin, type Pins, setOf } from './pins.ts';
import type { Tuning } from './tuning.ts';

const labelWidth = 84;
const fieldWidth = 142;

/** Knobs whose values are pins: those that are drawn as rows of the matrix. */
type PinKnob = { readonly [K in KnobName]: KnobValue<K> extends Pin ? K : never }[KnobName];
const isPinKnob = (facts: Facts) => (name: KnobName): name is PinKnob => knobs[name].control(facts).kind === 'pinning';

interface PinRow extends MatrixRow {
  readonly knob: PinKnob;
  readonly unit: Unit;
}

const isSameRow = (one: PinRow, other: PinRow): boolean =>
  one.label === other.label && (['actual', 'edited'] as const).every((which) => truths.every((truth) => one[which][truth]?.toString() === other[which][truth]?.toString()));

/** The rows, each the same object for as long as it shows the same: only what changed is drawn again. */
const useRows = (made: readonly PinRow[]): readonly PinRow[] => {
  const [kept, keep] = useState(made);
  if (kept === made) return kept;
  const known = new Map(kept.map((row) => [row.key, row]));
  const rows = made.map((row) => {
    const before = known.get(row.key);
    return before !== undefined && isSameRow(before, row) ? before : row;
  });
  if (rows.length === kept.length && rows.every((row, index) => row === kept[index])) return kept;
  keep(rows);
  return rows;
};

/** Every row of the matrix, in the order of the knobs, then of their units. */
const rowsOf = ({ actual, edited, facts }: Pick<Tuning, 'actual' | 'edited' | 'facts'>): readonly PinRow[] =>
  knobNames.filter(isPinKnob(facts)).flatMap((knob) => {
    const control = knobs[knob].control(facts);
    if (control.kind !== 'pinning') return [];
    const units = Object.keys({ ...actual.saved?.[knob], ...actual.live?.[knob] }).toSorted(compareUnits);
    return units.map((unit): PinRow => {
      const sets = (settings: Tuning['actual']) => ({ live: settings.live === null ? null : setOf(settings.live[knob][unit] ?? null), saved: settings.saved === null ? null : setOf(settings.saved[knob][unit] ?? null) });
      return { key: `${knob}/${unit}`, knob, unit, label: control.row(unit), vcpu: knob === 'vcpuPinning' ? Number(unit) : null, actual: sets(actual), edited: sets(edited) };
    });
  });

const text = (set: CpuSet | null): string => set?.toString() ?? '';

/** What can be done to the rows, each told by its key: one object for as long as the card is shown, so that rows that stay as they are are not drawn again. */
interface Acts extends PinFieldActs {
  /** Pins a row to the next NUMA node. */
  readonly next: (row: string) => void;
  /** Pins all vCPUs to some CPUs, or unpins them from there. */
  readonly span: (cpus: CpuSet) => void;
  /** Takes a row back, its edit or where now and after restart differ. */
  readonly back: (row: string) => void;
}

const label = { height: rowHeight, lineHeight: `${rowHeight}px`, font: `10px ${monospace}`, color: 'text.secondary', whiteSpace: 'nowrap', display: 'flex', alignItems: 'center', width: '100%', justifyContent: 'flex-start' } as const;

const RowName = memo(function RowName({ row, label: name, mark, onNext }: { readonly row: string; readonly label: string; readonly mark: string | null; readonly onNext: (row: string) => void }): ReactNode {
  const { accent } = useColors();
  return (
    <ButtonBase sx={{ ...label, '&:hover': { color: 'text.primary' } }} title="Pin to the first NUMA node, the next one, …, unpin" onClick={() => onNext(row)}>
      {name}
      {mark !== null && <Box component="span" role="img" aria-label={mark} title={mark} sx={{ width: 6, height: 6, borderRadius: '50%', bgcolor: accent.mark, ml: '6px' }} />}
    </ButtonBase>
  );
});

/** The CPUs of a row as text, and its way back. */
const RowField = memo(function RowField({ row, label: name, value, mixed, mark, disabled, back, acts }: {
  readonly row: string; readonly label: string; readonly value: string; readonly mixed: string | null; readonly mark: string | null; readonly disabled: boolean;
  /** What going back is called; null = there is nothing to go back from. */
  readonly back: string | null;
  readonly acts: Acts;
}): ReactNode {
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: '108px auto', alignItems: 'center', gap: '2px', height: rowHeight }}>
      <PinField row={row} label={name} value={value} mixed={mixed} mark={mark} floats="floats" disabled={disabled} acts={acts} />
      <Revert way={back === null ? null : { label: back, act: () => acts.back(row) }} />
    </Box>
  );
});

/** What is listed beside the matrix, in its words and fields. */
interface Listed {
  readonly tuning: Tuning;
  readonly rows: readonly PinRow[];
  readonly shown: ShownTruth;
}

const firstOf = (shown: ShownTruth): Truth => (shown === 'saved' ? 'saved' : 'live');

/** Why a row is marked; null = nothing is to be said of it. */
const markOf = ({ actual, refused }: Tuning, row: PinRow): string | null => {
  const [reason] = truths.flatMap((truth) => refused(row.knob, row.unit, truth, text(row.edited[truth]) || null) ?? []);
  if (reason !== undefined) return `The host refused this: ${reason}`;
  const moved = truths.filter((truth) => text(row.edited[truth]) !== text(row.actual[truth]));
  if (moved.length > 0) return `Edited: ${moved.map((truth) => `${truthNames[truth]} ${text(row.actual[truth]) || 'no pin'} → ${text(row.edited[truth]) || 'no pin'}`).join('; ')}`;
  return actual.live !== null && actual.saved !== null && text(row.edited.live) !== text(row.edited.saved) ? `Now ${text(row.edited.live) || 'no pin'}, after restart ${text(row.edited.saved) || 'no pin'}` : null;
};
const mixedOf = (shown: ShownTruth, { edited: { live, saved } }: PinRow): string | null =>
  (shown === 'both' && text(live) !== text(saved) ? `${text(live) || 'floats'} → ${text(saved) || 'floats'}` : null);

const RowNames = memo(function RowNames({ listed: { tuning, rows }, acts }: { readonly listed: Listed; readonly acts: Acts }): ReactNode {
  return <OneStop label="Threads">{rows.map((row) => <RowName key={row.key} row={row.key} label={row.label} mark={markOf(tuning, row)} onNext={acts.next} />)}</OneStop>;
});

const RowFields = memo(function RowFields({ listed: { tuning, rows, shown }, acts }: { readonly listed: Listed; readonly acts: Acts }): ReactNode {
  const first = firstOf(shown);
  const { fixed, actual } = tuning;
  return rows.map((row) => (
    <RowField
      key={row.key} row={row.key} label={row.label} value={text(row.edited[first])} mixed={mixedOf(shown, row)} mark={markOf(tuning, row)} disabled={actual[first] === null || fixed !== null}
      back={fixed === null ? (wayBack(tuning, row.knob, row.unit)?.label ?? null) : null} acts={acts}
    />
  ));
});

export const PinningCard = ({ tuning }: { readonly tuning: Tuning }): ReactNode => {
  const { facts, actual, edited, guest, hostPins, set } = tuning;
  const [measure, width] = useWidth();
  const has = { live: actual.live !== null, saved: actual.saved !== null };
  const [chosen, choose] = useState<ShownTruth>('both');
  const [placing, setPlacing] = useState(false);
  const shown: ShownTruth = has.live && has.saved ? chosen : has.live ? 'live' : 'saved';
  const layout = useMemo(() => layoutOf(facts.topology, Math.max(0, width - labelWidth - fieldWidth - 16)), [facts.topology, width]);
  const rows = useRows(useMemo(() => rowsOf({ actual, edited, facts }), [actual, edited, facts]));
  // Names and fields of many rows follow the picture: a stroke is seen first where it was drawn.
  const listed = useDeferredValue(useMemo((): Listed => ({ tuning, rows, shown }), [tuning, rows, shown]));
  const others = useMemo(() => hostPins.filter(({ uuid }) => uuid !== guest.uuid).map(({ name, cpus }) => ({ name, cpus: CpuSet.parse(cpus) })), [hostPins, guest.uuid]);
  const taken = useMemo(() => others.reduce((all, { cpus }) => all.union(cpus), CpuSet.none), [others]);
  const on: readonly Truth[] = shown === 'both' ? truths : [shown];

  const pinsIn = (truth: Truth): Pins => Object.fromEntries(rows.map((row) => [row.key, row.edited[truth] === null ? null : text(row.edited[truth]) || null]));
  const put = (truth: Truth, pins: Pins): void => {
    const xml = tuning.xml[truth];
    if (xml === null || tuning.fixed !== null) return;
    for (const knob of new Set(rows.map((row) => row.knob))) {
      const units = rows.flatMap((row) => {
        const pin: Pin | undefined = row.knob === knob ? pins[row.key] : undefined;
        return pin === undefined ? [] : [[row.unit, normalPin(pin, xml, facts)] as const];
      });
      if (units.length > 0) set(knob, [truth], Object.fromEntries(units));
    }
  };
  const onPaint = (keys: readonly string[], cpus: CpuSet): void => {
    // One decision for both truths, so that a stroke means the same in each.
    const adds = on.some((truth) => has[truth] && paintAdds(pinsIn(truth), keys, cpus));
    for (const truth of on) put(truth, paint(pinsIn(truth), keys, cpus, adds));
  };
  const vcpuKeys = rows.filter(({ unit }) => unit !== '').map(({ key }) => key);
  const clear = (keys: readonly string[]): void => {
    for (const truth of on) put(truth, Object.fromEntries(keys.map((key) => [key, null])));
  };
  const first = firstOf(shown);
  const nodes = layout.nodes.map(({ cpus }) => cpus);
  const latest = useRef<Acts | null>(null);
  const rowOf = (key: string): PinRow | undefined => rows.find((row) => row.key === key);
  useLayoutEffect(() => {
    latest.current = {
      check: (key, typed): readonly Finding[] => {
        const row = rowOf(key);
        return row === undefined || typed.trim() === '' ? [] : tuning.check(row.knob, row.unit, first, typed);
      },
      drop: (key) => {
        const row = rowOf(key);
        if (row !== undefined) tuning.revert(row.knob, row.unit);
      },
      commit: (key, typed) => {
        for (const truth of on) put(truth, { [key]: typed === '' ? null : CpuSet.parse(typed).toString() || null });
      },
      next: (key) => {
        for (const truth of on) put(truth, { [key]: nextNode(text(rowOf(key)?.edited[first] ?? null) || null, nodes) });
      },
      span: (cpus) => onPaint(vcpuKeys, cpus),
      back: (key) => {
        const row = rowOf(key);
        if (row !== undefined) wayBack(tuning, row.knob, row.unit)?.act();
      },
    };
  });
  const acts = useMemo((): Acts => ({
    check: (key, typed) => latest.current?.check(key, typed) ?? [],
    drop: (key) => latest.current?.drop(key),
    commit: (key, typed) => latest.current?.commit(key, typed),
    next: (key) => latest.current?.next(key),
    span: (cpus) => latest.current?.span(cpus),
    back: (key) => latest.current?.back(key),
  }), []);
  const pinned = rows.some((row) => on.some((truth) => (row.edited[truth]?.size ?? 0) > 0));
  return (
    <Card
      title="Pinning"
      beside={(
        <>
          <Tag>drag across cells · shift-click a core</Tag>
          <Box sx={{ flex: 1 }} />
          <TruthSwitch value={shown} has={has} onChange={choose} />
          <Button disabled={tuning.fixed !== null} onClick={() => setPlacing(true)}>Place…</Button>
          <Button disabled={!pinned || tuning.fixed !== null} onClick={() => clear(rows.map(({ key }) => key))}>Unpin all</Button>
        </>
      )}
    >
      <Box ref={measure} sx={{ overflowX: 'auto', pb: '4px' }}>
        <Box sx={{ display: 'grid', width: 'max-content' }} style={{ gridTemplateColumns: `${labelWidth}px ${layout.width}px ${fieldWidth}px` }}>
          <Box sx={{ position: 'sticky', left: 0, zIndex: 2, bgcolor: 'background.paper', pt: '20px' }}>
            {dieHeight(layout) > 0 && <Box sx={{ ...label, height: dieHeight(layout) }}>die</Box>}
            <Box sx={{ ...label, height: 15 }}>core</Box>
            <Box sx={{ ...label, height: 23 }}>host CPU</Box>
            <Box sx={label}>load now</Box>
            <RowNames listed={listed} acts={acts} />
          </Box>
          <Box>
            <Headings layout={layout} topology={facts.topology} freeKiB={tuning.freeKiB} kinds={tuning.cpuKinds} onSpan={acts.span} />
            <Heat host={guest.host} layout={layout} />
            <PinningMatrix guest={guest} layout={layout} rows={rows} shown={shown} taken={taken} takenBy={(cpu) => others.filter(({ cpus }) => cpus.has(cpu)).map(({ name }) => name)} onPaint={onPaint} onClear={(key) => clear([key])} />
          </Box>
          <Box sx={{ pl: '10px', isolation: 'isolate' }} style={{ paddingTop: 58 + dieHeight(layout) }}>
            <Box sx={label}>CPUs, such as 1-4,^2</Box>
            <RowFields listed={listed} acts={acts} />
          </Box>
        </Box>
      </Box>
      {placing && <PlaceDialog guests={[guest]} onUse={tuning.want} onClose={() => setPlacing(false)} />}
      <Legend shown={shown} kinds={tuning.cpuKinds} others={others.map(({ name }) => name)} />
    </Card>
  );
};
