// The settings of a host's daemon for access from afar: read when asked for, explained, changed only after the very lines were shown.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import { type ReactNode, useState } from 'react';
import type { Connection } from '../../../app/contract/connections.ts';
import type { Gives } from '../../../app/contract/contract.ts';
import type { DaemonSettingName } from '../../../app/daemon/daemon-settings.ts';
import { refusalOf, useAsk } from '../../api/api.tsx';
import { Card } from '../../ui/card.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { monospace } from '../../ui/theme.ts';
import { useAct } from '../certificates/act.ts';
import { AskDialog } from '../certificates/ask-dialog.tsx';
import { isCurrent } from '../certificates/lifetimes.ts';
import { PlanView, useInstall } from '../certificates/setup-plan.tsx';
import { changesOf, type DaemonEdits, findingsOf, noEdits, settingGroups, type SettingChange, valueNow, withEdit } from './daemon-edits.ts';
import { DaemonField } from './daemon-field.tsx';

/** The lines that change, and what restarts, before anything is written. */
const Review = ({ host, name, changes, onDone, onClose }: { readonly host: string; readonly name: string; readonly changes: SettingChange[]; readonly onDone: () => Promise<void>; readonly onClose: () => void }): ReactNode => {
  const act = useAct();
  const install = useInstall(host, { kind: 'settings', changes });
  const done = install.report?.outcome === 'complete';
  return (
    <AskDialog title={`Change the daemon’s settings on ${name}`} verb="Write and restart" wide act={act} done={done} disabled={install.plan === undefined} onClose={onClose} onSubmit={() => act.run(async () => {
      if (await install.start()) await onDone();
    })}>
      <Typography>Nothing is written before the button is pressed. Every other line of the file stays as it is, byte for byte. The daemon is restarted: connections through it end for a moment, guests go on running. If it does not start again, all of it is put back.</Typography>
      <PlanView host={host} title={`What changes on ${name}`} install={install} finished="Written, and the daemon was restarted." />
    </AskDialog>
  );
};

/** @param reread reads them again; it resolves when what the file has now is shown, or why it cannot be. */
const Settings = ({ host, name, read, fixed, reread }: { readonly host: string; readonly name: string; readonly read: Gives<'setup', 'settings'>; readonly fixed: string | null; readonly reread: () => Promise<unknown> }): ReactNode => {
  const [edits, setEdits] = useState<DaemonEdits>(noEdits);
  const [review, setReview] = useState<SettingChange[] | null>(null);
  const certificates = useAsk('certificates', 'list', {}).data?.certificates ?? [];
  const clients = [...new Set(certificates.filter((one) => isCurrent(one) && (one.kind === 'client' || one.clientAuth)).map(({ subject }) => subject))];
  const { problems, warnings } = findingsOf(read.settings, edits);
  const changes = changesOf(edits);
  /** What was written stays in the fields until it is read from the file: otherwise what was there before would come up for a moment. */
  const written = async (): Promise<void> => {
    await reread();
    setEdits(noEdits);
  };
  const field = (of: DaemonSettingName): ReactNode => {
    const setting = read.settings.find((one) => one.name === of);
    if (setting === undefined) return null;
    return (
      <DaemonField
        key={of}
        setting={setting}
        value={valueNow(setting, edits)}
        edited={edits.has(of)}
        problem={problems.get(of) ?? null}
        warning={warnings.get(of) ?? null}
        disabled={fixed !== null}
        known={of === 'tls_allowed_dn_list' ? clients : []}
        onChange={(value) => setEdits(withEdit(edits, setting, value))}
        onRevert={() => setEdits(withEdit(edits, setting, setting.value))}
      />
    );
  };
  return (
    <>
      <Typography sx={{ color: 'text.secondary' }}>From <Box component="code" sx={{ fontFamily: monospace, fontSize: 12 }}>{read.path}</Box>. A setting that is not in the file has its default.</Typography>
      {fixed !== null && <Typography>{fixed}</Typography>}
      {settingGroups.map(({ title, names }) => (
        <Box key={title} component="section" aria-label={title}>
          <Typography variant="h3" sx={{ mb: '8px' }}>{title}</Typography>
          {names.map(field)}
        </Box>
      ))}
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '8px 12px', alignItems: 'center' }}>
        <Typography role="status" sx={{ mr: 'auto' }}>{changes.length === 0 ? 'Nothing is changed.' : `${changes.length} ${changes.length === 1 ? 'setting' : 'settings'} changed, not written yet.`}{problems.size > 0 && ' Something is wrong: the field says what.'}</Typography>
        <Button disabled={changes.length === 0} onClick={() => setEdits(noEdits)}>Revert all</Button>
        <Button variant="contained" color="primary" disabled={changes.length === 0 || problems.size > 0 || fixed !== null} onClick={() => setReview(changes)}>Review changes…</Button>
      </Box>
      {review !== null && <Review host={host} name={name} changes={review} onDone={written} onClose={() => setReview(null)} />}
    </>
  );
};

/** @param login the saved connection to read over; null = there is none. @param begun whether it is read without being told to. @param fixed why nothing can be changed; null = it can. */
export const DaemonCard = ({ connection: { name }, login, begun, fixed }: { readonly connection: Connection; readonly login: string | null; readonly begun: boolean; readonly fixed: string | null }): ReactNode => {
  const [asked, setAsked] = useState(begun);
  // It takes a login of its own: read when a person wants it, and again when it changed.
  const { data, error, isFetching, refetch } = useAsk('setup', 'settings', { host: login }, asked && login !== null);
  const read = (): void => {
    setAsked(true);
    void refetch();
  };
  return (
    <Card title="Daemon settings" beside={<><Box sx={{ flex: 1 }} />{login !== null && <Button loading={isFetching} onClick={read}>{asked ? 'Read again' : 'Read settings'}</Button>}</>}>
      <Box sx={{ display: 'grid', gap: '12px' }}>
        {login === null && <Typography sx={{ color: 'text.secondary' }}>The settings are read and changed over SSH. No saved host reaches {name} that way: add it with a qemu+ssh URI as well.</Typography>}
        {login !== null && !asked && <Typography sx={{ color: 'text.secondary' }}>Who is let in over TLS, TCP and SASL, and how much at once: read over a login of its own, shown with what each means, and written only after a review.</Typography>}
        {asked && isFetching && data === undefined && <LinearProgress aria-label="Reading the settings" />}
        {asked && error !== null && <RefusalCard refusal={refusalOf(error)} title="Not read" />}
        {asked && error === null && data !== undefined && login !== null && <Settings host={login} name={name} read={data} fixed={fixed} reread={async () => await refetch({ cancelRefetch: false })} />}
      </Box>
    </Card>
  );
};
