// One guest: header with state and actions, its tabs, and the plan of what was edited.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Link from '@mui/material/Link';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import Typography from '@mui/material/Typography';
import { mdiMonitorOff, mdiPencilOffOutline } from '@mdi/js';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import type { GuestDescription } from '../../../app/contract/guests.ts';
import type { Refusal, RefusalCode } from '../../../app/contract/refusal.ts';
import { refusalOf, useAsk } from '../../api/api.tsx';
import { type Fleet, fixedBy } from '../../api/fleet.ts';
import { isEmpty } from '../../panels/edits.ts';
import { PlanBar } from '../../panels/plan-bar.tsx';
import { ReviewDialog } from '../../panels/review-dialog.tsx';
import { TuningPanel, type PanelName, useArrival } from '../../panels/tuning-panel.tsx';
import { type Tuning, useTuning } from '../../panels/tuning.ts';
import { EmptyState } from '../../ui/card.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { StatusChip } from '../../ui/status-chip.tsx';
import { Tag } from '../../ui/tag.tsx';
import { timeAgo } from '../../ui/time.ts';
import { addressOf, go, type GuestTab, guestTabNames, guestTabs, linkTo, type Place } from '../place.ts';
import { RestartButton } from '../bulk/restart-button.tsx';
import { HistoryList } from '../history/history-list.tsx';
import { SaveAsProfile } from '../profiles/save-as-profile.tsx';
import { ConsolesTab } from './consoles/consoles-tab.tsx';
import { useGuestActions } from './guest-actions.tsx';
import { Overview } from './overview.tsx';
import { XmlTab } from './xml-tab.tsx';
import { pendingUnits } from '../../../app/tuning/pending.ts';
import { whyNoRestart } from '../../../app/tuning/restart.ts';
import { DomainXml } from '../../../app/xml/domain-xml.ts';

type GuestPlace = Extract<Place, { at: 'guest' }>;

interface BodyProps {
  readonly guest: GuestDescription;
  readonly tuning: Tuning | null;
  readonly answering: boolean;
  readonly fixed: string | null;
  /** Nothing else is in this window. */
  readonly alone: boolean;
}

const panelBody = (panel: PanelName) => ({ tuning }: BodyProps): ReactNode =>
  tuning === null ? <LinearProgress aria-label="Reading the settings" /> : <TuningPanel tuning={tuning} panel={panel} />;

const bodies: Readonly<Record<GuestTab, (props: BodyProps) => ReactNode>> = {
  overview: ({ guest, answering, fixed }) => <Overview guest={guest} answering={answering} fixed={fixed} />,
  console: (props) => <ConsolesTab {...props} />,
  cpu: panelBody('cpu'),
  memory: panelBody('memory'),
  disks: panelBody('disks'),
  network: panelBody('network'),
  devices: panelBody('devices'),
  xml: ({ guest, tuning, answering }) => <XmlTab guest={guest} tuning={tuning} answering={answering} />,
  history: ({ guest }) => (
    <Box sx={{ bgcolor: 'background.paper', border: 1, borderColor: 'divider', borderRadius: '10px', overflow: 'hidden' }}>
      <HistoryList of={{ host: guest.host, uuid: guest.uuid }} withGuest={false} />
    </Box>
  ),
};

interface LoadedProps {
  readonly guest: GuestDescription;
  readonly place: GuestPlace;
  readonly hostName: string;
  readonly transport: string;
  readonly seen: number | null;
  /** Why nothing can be changed; null = it can. */
  readonly fixed: string | null;
}

/** Name, state, actions and tabs: what an edit changes nothing of, and so does not draw again. */
const Header = ({ guest, place, hostName, transport, seen, fixed, buttons, onSave }: LoadedProps & { readonly buttons: ReactNode; readonly onSave: () => void }): ReactNode => {
  const answering = seen === null;
  const { data: reading } = useAsk('tuning', 'read', { host: guest.host, uuid: guest.uuid }, answering);
  const live = useMemo(() => (typeof reading?.liveXml === 'string' ? DomainXml.parse(reading.liveXml) : null), [reading]);
  const alone = place.alone === true;
  useEffect(() => {
    // Several such windows are told apart by it.
    if (alone) document.title = `${guest.name} · Guestdeck`;
  }, [alone, guest.name]);
  const pending = useMemo(() => (reading === undefined ? 0 : pendingUnits(reading.live, reading.saved).length), [reading]);
  return (
    <Box sx={{ bgcolor: 'background.paper', borderBottom: 1, borderColor: 'divider', p: '14px 20px 0', flex: 'none' }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: '8px 12px', flexWrap: 'wrap' }}>
        <Typography variant="h1">{guest.name}</Typography>
        {answering ? <StatusChip state={guest.state} /> : <Tag>seen {timeAgo(seen)}</Tag>}
        <RestartButton guest={{ host: guest.host, uuid: guest.uuid, name: guest.name }} pending={pending} disabled={answering ? (fixed ?? whyNoRestart(guest, live)) : 'Its host does not answer.'} />
        <Typography sx={{ color: 'text.secondary', mr: 'auto' }}>{alone ? hostName : <Link href={addressOf({ at: 'host', host: guest.host })} color="inherit" underline="hover">{hostName}</Link>} · {transport}</Typography>
        {!alone && <CopyButton label="Copy link" text={() => linkTo(place, { host: hostName, guest: guest.name })} />}
        {!alone && reading !== undefined && <Button title="Keeps what is set on this guest under a name, for others" onClick={onSave}>Save as profile…</Button>}
        {buttons}
      </Box>
      {alone ? <Box sx={{ height: 14 }} /> : <Tabs value={place.tab} onChange={(_, tab: GuestTab) => go({ at: 'guest', host: place.host, uuid: place.uuid, tab })} aria-label={guest.name} sx={{ mt: '8px' }}>
        {guestTabs.map((tab) => <Tab key={tab} value={tab} id={`tab-${tab}`} aria-controls="guest-tab" label={guestTabNames[tab]} />)}
      </Tabs>}
    </Box>
  );
};

const hostAway: ReadonlySet<RefusalCode> = new Set(['not-connected', 'connection-lost']);
/** What was refused because the host was away says nothing once it is back: it is being asked again. */
const isPast = ({ code }: Refusal, answering: boolean): boolean => answering && hostAway.has(code);

/** What is under the header: the tab, and the plan of what was edited. */
const Tuned = ({ guest, place: { tab, setting, alone }, answering, fixed, refusal: refused, saving, onSaved }: {
  readonly guest: GuestDescription;
  readonly place: GuestPlace;
  readonly answering: boolean;
  readonly fixed: string | null;
  /** What was refused of the actions in the header. */
  readonly refusal: ReactNode;
  /** Its settings are to be kept as a profile. */
  readonly saving: boolean;
  readonly onSaved: () => void;
}): ReactNode => {
  const { tuning, plan: made, refusal } = useTuning({ host: guest.host, uuid: guest.uuid, name: guest.name }, answering, fixed);
  useArrival(setting, tuning !== null);
  const [review, setReview] = useState<'closed' | 'review' | 'apply'>('closed');
  const Body = bodies[tab];
  const plan = review === 'closed' ? null : (tuning?.plan() ?? null);
  return (
    <>
      <Box id="guest-tab" {...(alone === true ? { role: 'region', 'aria-label': guestTabNames[tab] } : { role: 'tabpanel', 'aria-labelledby': `tab-${tab}` })} sx={{ flex: 1, minHeight: 0, overflow: 'auto', p: '14px 20px', gap: '14px', ...(tab === 'console' ? { display: 'flex', flexDirection: 'column' } : { display: 'grid', alignContent: 'start' }) }}>
        {fixed !== null && <Alert severity="info" icon={<Icon path={mdiPencilOffOutline} />}>{fixed}</Alert>}
        {refused}
        {refusal !== null && !isPast(refusal, answering) && <RefusalCard refusal={refusal} title="The settings cannot be read" />}
        <Body guest={guest} tuning={tuning} answering={answering} fixed={fixed} alone={alone === true} />
      </Box>
      {tuning !== null && !isEmpty(tuning.wanted) && fixed === null && (
        <PlanBar shown={made} plan={tuning.plan} onDiscard={tuning.discard} onReview={() => setReview('review')} onApply={() => setReview('apply')} />
      )}
      {saving && tuning !== null && <SaveAsProfile tuning={tuning} onClose={onSaved} />}
      {review !== 'closed' && (
        <ReviewDialog
          atOnce={review === 'apply'}
          proposal={plan === null || tuning === null ? null : { guest: tuning.guest, wanted: tuning.wanted, basis: tuning.reading.basis, plan }}
          onClose={() => setReview('closed')}
        />
      )}
    </>
  );
};

const Loaded = (props: LoadedProps): ReactNode => {
  const { guest, place, seen, fixed } = props;
  const acting = useGuestActions(guest, seen === null, fixed);
  const [saving, setSaving] = useState(false);
  return (
    <>
      <Header {...props} buttons={acting.buttons} onSave={() => setSaving(true)} />
      <Tuned guest={guest} place={place} answering={seen === null} fixed={fixed} refusal={acting.refusal} saving={saving} onSaved={() => setSaving(false)} />
    </>
  );
};

export const GuestScreen = ({ place, fleet }: { readonly place: GuestPlace; readonly fleet: Fleet }): ReactNode => {
  const connection = fleet.connections.find(({ id }) => id === place.host);
  const ready = connection?.state.phase === 'ready';
  const known = fleet.guests.find(({ host, uuid }) => host === place.host && uuid === place.uuid);
  const { data, error, dataUpdatedAt } = useAsk('guests', 'describe', { host: place.host, uuid: place.uuid }, ready);
  // State comes with the list, which events keep true; the description follows.
  // The page stays, with all that is open and edited in it.
  const failed = error !== null && ready && !isPast(refusalOf(error), ready);
  if (data !== undefined && !failed) {
    const guest = known === undefined ? data : { ...data, ...known };
    const seen = known?.seen ?? (ready ? null : connection?.state.phase === 'lost' ? connection.state.since : dataUpdatedAt);
    return <Loaded guest={guest} place={place} hostName={connection?.name ?? place.host} transport={connection?.transport ?? ''} seen={seen} fixed={fixedBy(connection)} />;
  }
  return (
    <Box sx={{ p: '20px' }}>
      {failed
        ? <RefusalCard refusal={refusalOf(error)} title="The guest cannot be shown" />
        : ready
          ? <LinearProgress aria-label="Reading the guest" />
          : <EmptyState icon={mdiMonitorOff} title="The host of this guest is not connected">{connection === undefined ? 'No saved host has this id.' : <Link href={addressOf({ at: 'host', host: connection.id })}>Go to {connection.name}</Link>}</EmptyState>}
    </Box>
  );
};
