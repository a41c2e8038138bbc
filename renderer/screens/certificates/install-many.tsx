// Certificates of many hosts installed one host after the other: all plans are shown first, each host has its own result, and one that fails stops no other.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { CertificateSummary } from '../../../app/contract/certificates.ts';
import type { Connection } from '../../../app/contract/connections.ts';
import type { Refusal } from '../../../app/contract/refusal.ts';
import type { SetupPlan, SetupReport, SetupWish } from '../../../app/contract/setup.ts';
import { refusalOf, useApi } from '../../api/api.tsx';
import { Chip, type ToneName } from '../../ui/tag.tsx';
import { useAct } from './act.ts';
import { AskDialog } from './ask-dialog.tsx';
import { firstHost, hostOfCertificate, installable, usable } from './draft.ts';
import { type InstallOptions, UseTicks, usualOptions } from './install-step.tsx';
import { lifetimeWords } from './lifetimes.ts';
import { ChoiceRow, Row } from './rows.tsx';
import { PlanView } from './setup-plan.tsx';

/** A certificate that is to be put on a host; `host` '' = a person says on which. */
export interface ToInstall {
  readonly certificate: string;
  readonly label: string;
  /** The authority that signed it. */
  readonly authority: string;
  readonly host: string;
}

/** Those of hosts that are here with their keys and were put nowhere yet. */
export const waiting = (certificates: readonly CertificateSummary[], connections: readonly Connection[]): readonly ToInstall[] => {
  const authorities = certificates.filter(({ kind }) => kind === 'authority').map(({ id }) => id);
  return authorities.flatMap((authority) => certificates.filter((one) => one.kind === 'host' && one.installedOn === null && usable([one], 'host', authority, one.names).length > 0))
    .map((one) => ({ certificate: one.id, label: one.label, authority: one.authority ?? '', host: hostOfCertificate(one, connections) }));
};

type Ended = { readonly report: SetupReport } | { readonly refusal: Refusal };

/** How far a line has come, as long as it is the same that is wished. */
interface Progress {
  readonly of: string;
  readonly plan?: SetupPlan;
  readonly unplanned?: Refusal;
  readonly outcomes: readonly (SetupReport['steps'][number]['outcome'] | undefined)[];
  readonly ended?: Ended;
}

const states: Readonly<Record<SetupReport['outcome'] | 'refused' | 'unplanned' | 'planned' | 'now', { readonly label: string; readonly tone: ToneName }>> = {
  complete: { label: 'installed', tone: 'good' },
  'put-back': { label: 'failed, put back', tone: 'bad' },
  partial: { label: 'failed, not all put back', tone: 'bad' },
  interrupted: { label: 'host lost', tone: 'bad' },
  refused: { label: 'not begun', tone: 'bad' },
  unplanned: { label: 'not planned', tone: 'bad' },
  planned: { label: 'planned', tone: 'accent' },
  now: { label: 'under way', tone: 'warn' },
};

const stateOf = ({ plan, unplanned, ended }: Progress): keyof typeof states | null => {
  if (ended !== undefined) return 'report' in ended ? ended.report.outcome : 'refused';
  return unplanned !== undefined ? 'unplanned' : plan === undefined ? null : 'planned';
};

const isComplete = (progress: Progress | undefined): boolean => progress !== undefined && stateOf(progress) === 'complete';

export const InstallManyDialog = ({ lines, connections, certificates, onClose }: {
  readonly lines: readonly ToInstall[];
  readonly connections: readonly Connection[];
  readonly certificates: readonly CertificateSummary[];
  readonly onClose: () => void;
}): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const hosts = installable(connections);
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>(() => Object.fromEntries(lines.map(({ certificate, host }) => [certificate, host === '' ? '' : firstHost(host, connections)])));
  const [uses, setUses] = useState<InstallOptions['uses']>(usualOptions.uses);
  const clients = [...new Set(lines.map(({ authority }) => authority))].flatMap((authority) => usable(certificates, 'client', authority, []));
  const [triedWith, setTriedWith] = useState<string | null>(null);
  const tries = triedWith ?? clients[0]?.id ?? '';
  const [progress, setProgress] = useState<Readonly<Record<string, Progress>>>({});
  const [now, setNow] = useState<string | null>(null);
  const [opened, setOpened] = useState<Readonly<Record<string, boolean>>>({});
  const [stopping, setStopping] = useState(false);
  const stop = useRef(false);

  const wishOf = ({ certificate }: ToInstall): SetupWish => ({ kind: 'host', certificate, uses: [...uses], ...(tries !== '' && { client: tries }) });
  const keyOf = (line: ToInstall): string => JSON.stringify([chosen[line.certificate], wishOf(line)]);
  const progressOf = (line: ToInstall): Progress => {
    const known = progress[line.certificate];
    return known !== undefined && (known.of === keyOf(line) || isComplete(known)) ? known : { of: keyOf(line), outcomes: [] };
  };
  const change = (line: ToInstall, part: Partial<Progress>): void => setProgress((all) => ({ ...all, [line.certificate]: { outcomes: [], ...all[line.certificate], of: keyOf(line), ...part } }));
  const meant = lines.filter(({ certificate }) => (chosen[certificate] ?? '') !== '');
  const left = meant.filter((line) => !isComplete(progressOf(line)));
  const planned = left.filter((line) => progressOf(line).plan !== undefined && progressOf(line).ended === undefined);
  const installs = planned.length > 0;
  const done = meant.length > 0 && left.length === 0;

  const running = lines.find(({ certificate }) => certificate === now);
  const at = running === undefined ? null : chosen[running.certificate] ?? null;
  useEffect(() => client.listen((news) => {
    if (news.section !== 'setup' || news.name !== 'progress' || now === null || news.told.host !== at) return;
    const { step, outcome } = news.told;
    setProgress((all) => {
      const before = all[now];
      return before === undefined ? all : { ...all, [now]: { ...before, outcomes: Array.from({ length: Math.max(before.outcomes.length, step + 1) }, (_, index) => (index === step ? outcome : before.outcomes[index])) } };
    });
  }), [client, now, at]);

  const planOne = async (line: ToInstall): Promise<void> => {
    try {
      const plan = await client.ask('setup', 'plan', { host: chosen[line.certificate] ?? '', wish: wishOf(line) });
      setProgress((all) => ({ ...all, [line.certificate]: { of: keyOf(line), outcomes: [], plan } }));
    } catch (error) {
      setProgress((all) => ({ ...all, [line.certificate]: { of: keyOf(line), outcomes: [], unplanned: refusalOf(error) } }));
    }
  };
  const installOne = async (line: ToInstall): Promise<void> => {
    const { plan } = progressOf(line);
    if (plan === undefined) return;
    try {
      const report = await client.ask('setup', 'install', { host: chosen[line.certificate] ?? '', wish: wishOf(line), basis: plan.basis });
      change(line, { ended: { report }, outcomes: report.steps.map(({ outcome }) => outcome) });
    } catch (error) {
      change(line, { ended: { refusal: refusalOf(error) } });
    }
  };
  /** One after the other: each may ask for a password, and a daemon restarts at a time. */
  const goThrough = async (of: readonly ToInstall[], one: (line: ToInstall) => Promise<void>): Promise<void> => {
    stop.current = false;
    setStopping(false);
    for (const line of of) {
      if (stop.current) break;
      setNow(line.certificate);
      await one(line);
    }
    setNow(null);
  };
  const submit = (): void => act.run(async () => await (installs ? goThrough(planned, installOne) : goThrough(left, planOne)));
  const count = (many: readonly unknown[]): string => `${many.length} ${many.length === 1 ? 'host' : 'hosts'}`;
  const nameOf = (id: string | undefined): string => connections.find((one) => one.id === id)?.name ?? '';
  return (
    <AskDialog title="Install on many hosts" wide verb={installs ? `Install on ${count(planned)}` : 'Look at what would be done'} act={act} done={done} disabled={left.length === 0} onClose={onClose} onSubmit={submit}>
      <Typography>One host after the other, over SSH. Nothing is written before the plans were shown. A host on which it fails is put back, and the others go on.</Typography>
      <Row label="For"><UseTicks uses={uses} disabled={act.busy || done} onChange={setUses} /></Row>
      <ChoiceRow label="Tried with" value={tries} disabled={act.busy || done} hint="The client certificate that connects to each host at the end." choices={[...clients.map((one) => ({ value: one.id, label: `${one.label}, ${lifetimeWords(one)}` })), { value: '', label: 'None: it is only looked whether the host shows its own' }]} onChange={setTriedWith} />
      <Typography role="status" sx={{ fontWeight: 600 }}>
        {running !== undefined ? `${nameOf(chosen[running.certificate])} is ${installs ? 'being set up' : 'looked at'}.` : meant.length - left.length > 0 ? `${count(meant.slice(left.length))} of ${meant.length} set up.` : ''}
      </Typography>
      <Box component="ul" aria-label="Hosts" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {lines.map((line) => {
          const { certificate, label } = line;
          const here = progressOf(line);
          const state = now === certificate ? 'now' : stateOf(here);
          const isOpen = opened[certificate] ?? (state !== null && state !== 'planned' && states[state].tone === 'bad');
          const refused = here.ended !== undefined && 'refusal' in here.ended ? here.ended.refusal : null;
          const shown = { plan: here.plan, unplanned: here.unplanned ?? refused, refused, outcomes: here.outcomes, report: here.ended !== undefined && 'report' in here.ended ? here.ended.report : null };
          return (
            <Box component="li" key={certificate} sx={{ py: '8px', borderTop: 1, borderColor: 'divider', display: 'grid', gap: '8px' }}>
              <ChoiceRow label={label} value={hosts.some(({ id }) => id === chosen[certificate]) ? chosen[certificate] ?? '' : ''} disabled={act.busy || isComplete(here)} choices={[{ value: '', label: 'On no host for now' }, ...hosts.map(({ id, name, uri }) => ({ value: id, label: `${name} (${uri})` }))]} onChange={(id) => setChosen({ ...chosen, [certificate]: id })} />
              {state !== null && (
                <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '4px 10px', alignItems: 'center' }}>
                  <Chip tone={states[state].tone}>{states[state].label}</Chip>
                  {here.plan?.warnings.map((warning) => <Box key={warning} component="span" sx={{ color: 'warning.main', fontSize: 12 }}>{warning}</Box>)}
                  {here.plan !== undefined && <Button variant="text" color="primary" aria-expanded={isOpen} aria-label={`${isOpen ? 'Hide' : 'Show'} what is written on ${nameOf(chosen[certificate])}`} onClick={() => setOpened({ ...opened, [certificate]: !isOpen })}>{isOpen ? 'Hide' : 'Show'} the {here.plan.steps.length} steps</Button>}
                </Box>
              )}
              {isOpen && state !== null && <PlanView host={chosen[certificate] ?? ''} title={`What goes where on ${nameOf(chosen[certificate])}`} install={shown} />}
            </Box>
          );
        })}
      </Box>
      {act.busy && lines.length > 1 && (
        <Box>
          <Button disabled={stopping} onClick={() => {
            stop.current = true;
            setStopping(true);
          }}>{stopping ? 'Stops after this host' : 'Stop after this host'}</Button>
        </Box>
      )}
    </AskDialog>
  );
};
