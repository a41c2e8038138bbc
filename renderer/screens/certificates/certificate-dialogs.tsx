// Dialogs about one certificate: renew, replace, revoke, its authority's revocation list, remove.
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { type ReactNode, useState } from 'react';
import { type CertificateSummary, certificates as section, revocationReasons } from '../../../app/contract/certificates.ts';
import { useApi } from '../../api/api.tsx';
import { ConfirmByName } from '../../ui/confirm-by-name.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { dateTime } from '../../ui/time.ts';
import { useAct } from './act.ts';
import { AskDialog } from './ask-dialog.tsx';
import { Download } from './download.tsx';
import { usualLife } from './draft.ts';
import { DaysRow, lifeOf, LifeRows, NewPassphraseRows, noPassphrase, type TypedLife } from './fields.tsx';
import { daysOf, problemsOf, withRefusal } from './form.ts';
import { lifetimeWords } from './lifetimes.ts';
import { ChoiceRow } from './rows.tsx';

export interface AboutProps {
  readonly certificate: CertificateSummary;
  readonly onClose: () => void;
}

/** @param onRenewed told of the new one: it is of use only where it is installed. */
export const RenewDialog = ({ certificate, onClose, onRenewed }: AboutProps & { readonly onRenewed: (id: string) => void }): ReactNode => {
  const { id, kind, label } = certificate;
  const { client } = useApi();
  const act = useAct();
  const [days, setDays] = useState(usualLife(kind).days);
  const [key, setKey] = useState<'same' | 'new'>(kind === 'authority' ? 'same' : 'new');
  const takes = { id, key, validity: { days: daysOf(days) ?? 0 } };
  const problems = withRefusal(problemsOf(section.asks.renew.takes, takes), act.refusal);
  return (
    <AskDialog title={`Renew ${label}`} verb="Renew" act={act} disabled={daysOf(days) === null} onClose={onClose} onSubmit={() => act.run(async () => onRenewed((await client.ask('certificates', 'renew', takes)).id))}>
      <Typography>
        {lifetimeWords(certificate)}, until {dateTime(certificate.notAfter)}. A certificate with the same names takes its place.
        {kind === 'host' && ' The host goes on with the old one until the new one is installed.'}
        {kind === 'authority' && ' What it signed stays good; hosts and clients need the new cacert.pem before the old one ends.'}
      </Typography>
      <DaysRow days={days} problems={problems} disabled={act.busy} onChange={setDays} />
      {kind !== 'authority' && <ChoiceRow label="Key" value={key} disabled={act.busy} choices={[{ value: 'new', label: 'A new key' }, { value: 'same', label: 'The same key' }]} hint={key === 'new' ? 'What a stolen old key is good for ends with the old certificate.' : 'For keys that are kept where they cannot be changed.'} onChange={(value) => setKey(value === 'same' ? 'same' : 'new')} />}
    </AskDialog>
  );
};

export const RollOverDialog = ({ certificate: { id, label }, onClose }: AboutProps): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const [life, setLife] = useState<TypedLife>(usualLife('authority'));
  const [typed, setTyped] = useState(noPassphrase);
  const [tried, setTried] = useState(false);
  const takes = { id, ...lifeOf(life), newPassphrase: typed.passphrase, remember: typed.remember };
  const found = problemsOf(section.asks.rollOver.takes, takes);
  const submit = (): void => {
    setTried(true);
    if (found.size > 0 || typed.passphrase !== typed.repeated) return;
    act.run(async () => {
      await client.ask('certificates', 'rollOver', takes);
      onClose();
    });
  };
  return (
    <AskDialog title={`Replace ${label} by a new authority`} verb="Make the new authority" act={act} onClose={onClose} onSubmit={submit}>
      <Typography component="ol" sx={{ m: 0, pl: 2.5 }}>
        <li>An authority with a new key is made. Its cacert.pem holds both, so that hosts and clients trust what either signed.</li>
        <li>Install that on all hosts and clients, then renew their certificates one by one.</li>
        <li>When nothing of the old one is left, let the new one trust only itself.</li>
      </Typography>
      <LifeRows life={life} problems={withRefusal(found, act.refusal)} disabled={act.busy} onChange={setLife} />
      <NewPassphraseRows typed={typed} tried={tried} problems={withRefusal(found, act.refusal)} disabled={act.busy} onChange={setTyped} />
    </AskDialog>
  );
};

const reasons: Readonly<Record<(typeof revocationReasons)[number], string>> = {
  unspecified: 'Not told', keyCompromise: 'Somebody may have its key', affiliationChanged: 'It is for somebody or something else now', superseded: 'Another takes its place', cessationOfOperation: 'It is not used any more',
};

export const RevokeDialog = ({ certificate: { id, label, kind }, onClose }: AboutProps): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const [reason, setReason] = useState<(typeof revocationReasons)[number]>('unspecified');
  const [number, setNumber] = useState<number | null>(null);
  return (
    <AskDialog title={`Revoke the certificate of the ${kind} ${label}?`} verb="Revoke" destroys act={act} done={number !== null} onClose={onClose} onSubmit={() => act.run(async () => setNumber((await client.ask('certificates', 'revoke', { id, reason })).number))}>
      {number === null
        ? (
          <>
            <Typography>It cannot be taken back. The authority’s revocation list is made anew; hosts and clients refuse the certificate once they have that list as cacrl.pem.</Typography>
            <ChoiceRow label="Reason" value={reason} disabled={act.busy} choices={revocationReasons.map((value) => ({ value, label: reasons[value] }))} onChange={(value) => setReason(revocationReasons.find((one) => one === value) ?? 'unspecified')} />
          </>
        )
        : <Typography role="status">Revoked: revocation list {number} names it. Install it by setting up TLS for each host again, or export it from the authority.</Typography>}
    </AskDialog>
  );
};

export const CrlDialog = ({ certificate: { id, label, crl }, onClose }: AboutProps): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const [days, setDays] = useState('30');
  const [made, setMade] = useState<{ readonly pem: string; readonly number: number; readonly nextUpdate: number } | null>(null);
  const takes = { id, days: daysOf(days) ?? 0 };
  return (
    <AskDialog title={`Revocation list of ${label}`} verb="Make it anew" act={act} disabled={daysOf(days) === null} done={made !== null} onClose={onClose} onSubmit={() => act.run(async () => setMade(await client.ask('certificates', 'crl', takes)))}>
      <Typography>{crl === null ? 'None was made yet; without one nothing counts as revoked.' : `Number ${crl.number} names ${crl.revoked} and is good until ${dateTime(crl.nextUpdate)}. A host refuses everybody once its list is too old.`}</Typography>
      {made === null
        ? <DaysRow days={days} problems={withRefusal(problemsOf(section.asks.crl.takes, takes), act.refusal)} disabled={act.busy} onChange={setDays} />
        : (
          <Box role="status" sx={{ display: 'grid', gap: 1 }}>
            <Typography>Number {made.number}, good until {dateTime(made.nextUpdate)}. It belongs to /etc/pki/CA/cacrl.pem of each host.</Typography>
            <Download name="cacrl.pem" content={made.pem} main />
          </Box>
        )}
    </AskDialog>
  );
};

export const EndRollOverDialog = ({ certificate: { id, label }, onClose }: AboutProps): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  return (
    <AskDialog title={`Let ${label} trust only itself?`} verb="Trust only it" destroys act={act} onClose={onClose} onSubmit={() => act.run(async () => {
      await client.ask('certificates', 'endRollOver', { id });
      onClose();
    })}>
      <Typography>Its cacert.pem holds no replaced authority any more. Hosts and clients that still have certificates of those are refused where the new cacert.pem is installed.</Typography>
    </AskDialog>
  );
};

export const RemoveDialog = ({ certificate: { id, label, kind, key }, onClose }: AboutProps): ReactNode => {
  const { client } = useApi();
  const { refusal, run } = useAct();
  return (
    <ConfirmByName
      title={`Remove ${label} from Guestdeck?`}
      effect={(
        <>
          {kind === 'authority' ? 'The authority, its key and its list of what it revoked are deleted. What it signed goes on working, and can be neither renewed nor revoked any more.' : `The certificate${key === 'none' ? ' is' : ' and its key are'} deleted here. Copies on hosts and computers go on working; revoke it to end that.`}
          {refusal !== null && <Box sx={{ mt: 1 }}><RefusalCard refusal={refusal} title="Not removed" /></Box>}
        </>
      )}
      name={label}
      verb="Remove"
      onCancel={onClose}
      onConfirm={() => run(async () => {
        await client.ask('certificates', kind === 'authority' ? 'removeAuthority' : 'remove', { id, confirm: label });
        onClose();
      })}
    />
  );
};
