// A panel: every knob that belongs to it, card by card, drawn by the kind of its control.
import Box from '@mui/material/Box';
import { memo, type ReactNode, useEffect, useMemo } from 'react';
import { guestKind, hasSetting } from '../../app/tuning/guest-kind.ts';
import type { Knob } from '../../app/tuning/knob.ts';
import { type KnobName, knobNames, knobs } from '../../app/tuning/knobs.ts';
import { Card } from '../ui/card.tsx';
import { TruthHeadings } from '../ui/truth.tsx';
import { KnobRows, truthsOf, unitsOf } from './knob-rows.tsx';
import { pictures } from './pictures.ts';
import { PinningCard } from './pinning-card.tsx';
import { useStill } from './still.ts';
import type { Tuning } from './tuning.ts';

export type PanelName = Knob<unknown>['panel'];

/** Cards in the order in which people look for them; plans have an order of their own. What is not named here comes last. */
const cardOrder: Readonly<Record<PanelName, readonly string[]>> = {
  cpu: ['Pinning', 'vCPUs', 'CPU time', 'Model and features', 'Topology', 'I/O threads', 'Scheduling'],
  memory: ['Memory', 'Plugged memory', 'Limits', 'Backing', 'NUMA'],
  disks: ['Disks and drives', 'Limits', 'Throttle groups', 'Driver', 'SCSI controllers', 'Host devices'],
  network: ['Network interfaces', 'Bandwidth', 'Link and filter', 'Driver'],
  devices: ['Guest', 'Starting and stopping', 'Guest agent and channels', 'Shared folders', 'Devices of the host', 'Helpers', 'TPM', 'Machine', 'Security labels'],
};

/** The cards of a panel, each with its knobs that the guest has units of. */
const cardsOf = (tuning: Tuning, panel: PanelName): readonly (readonly [title: string, names: readonly KnobName[]])[] => {
  const cards = new Map<string, readonly KnobName[]>();
  const definition = tuning.xml.saved ?? tuning.xml.live;
  const kind = definition === null ? 'other' : guestKind(definition);
  for (const name of knobNames) {
    const { panel: own, card } = knobs[name];
    if (own === panel && hasSetting(kind, knobs[name]) && unitsOf(tuning, name).length > 0) cards.set(card, [...(cards.get(card) ?? []), name]);
  }
  const rank = (title: string): number => (cardOrder[panel].includes(title) ? cardOrder[panel].indexOf(title) : cardOrder[panel].length);
  return [...cards].toSorted(([one], [other]) => rank(one) - rank(other));
};

const isPinning = (tuning: Tuning, names: readonly KnobName[]): boolean => names.some((name) => knobs[name].control(tuning.facts).kind === 'pinning');

const KnobCard = memo(function KnobCard({ tuning, title, names }: { readonly tuning: Tuning; readonly title: string; readonly names: readonly KnobName[] }): ReactNode {
  const kinds = new Map(names.map((name) => [name, knobs[name].control(tuning.facts).kind]));
  const shown = truthsOf(tuning);
  // Items of many fields need all the room there is.
  const hasMuch = names.some((name) => {
    const control = knobs[name].control(tuning.facts);
    return control.kind === 'list' && Object.keys(control.fields).length > 5;
  });
  const rows = names.filter((name) => kinds.get(name) !== 'own');
  return (
    <Card title={title}>
      {names.map((name) => {
        const Picture = pictures[name];
        return Picture === undefined ? null : <Box key={name} data-settings={name} sx={{ display: 'contents' }}><Picture.Draw tuning={tuning} /></Box>;
      })}
      {rows.length > 0 && (
        <Box sx={{ display: 'grid', gridTemplateColumns: `minmax(90px, ${hasMuch ? '12vw' : '0.9fr'}) repeat(${shown.length}, minmax(0, 1fr)) 24px`, gap: '6px 12px', alignItems: 'start', ...(!hasMuch && { maxWidth: shown.length > 1 ? 820 : 560 }) }}>
          <TruthHeadings of={shown} />
          <span />
          {rows.map((name) => <Box key={name} data-settings={name} sx={{ display: 'contents' }}><KnobRows tuning={tuning} knob={name} /></Box>)}
        </Box>
      )}
    </Card>
  );
});

/** What has a wide picture takes the whole width; the rest stands in as many columns as there is room for. */
const isWide = (tuning: Tuning, names: readonly KnobName[]): boolean => names.some((name) => pictures[name]?.wide === true) || isPinning(tuning, names);

/** A card in one of several columns, never broken over two: as a part of a line a browser lays it out once, as a block anew with each word that changes in any of them. */
const wholeCard = { display: 'inline-block', verticalAlign: 'top', width: '100%', mb: '14px' } as const;

/** Has the keys go on in a setting that was looked for, once its panel is drawn; one that the guest has not is not found. */
export const useArrival = (setting: KnobName | undefined, isDrawn: boolean): void => {
  useEffect(() => {
    if (setting === undefined || !isDrawn) return;
    const control = document.querySelector<HTMLElement>(`[data-settings~="${setting}"] :is(input, textarea, button, [tabindex="0"]):not(:disabled)`);
    control?.focus({ preventScroll: true });
    control?.scrollIntoView({ block: 'center' });
  }, [setting, isDrawn]);
};

export const TuningPanel = memo(function TuningPanel({ tuning, panel }: { readonly tuning: Tuning; readonly panel: PanelName }): ReactNode {
  const still = useStill(tuning);
  const cards = useMemo(() => cardsOf(still, panel), [still, panel]);
  return (
    <Box sx={{ display: 'grid', gap: '14px' }}>
      {cards.filter(([, names]) => isWide(still, names)).map(([title, names]) => (isPinning(still, names) ? <Box key={title} data-settings={names.join(' ')} sx={{ minWidth: 0 }}><PinningCard tuning={tuning} /></Box> : <KnobCard key={title} tuning={still} title={title} names={names} />))}
      <Box sx={{ columnWidth: 460, columnGap: '14px', mb: '-14px', '& > section': wholeCard }}>
        {cards.filter(([, names]) => !isWide(still, names)).map(([title, names]) => <KnobCard key={title} tuning={still} title={title} names={names} />)}
      </Box>
    </Box>
  );
});
