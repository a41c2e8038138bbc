// What can be done with one certificate.
import IconButton from '@mui/material/IconButton';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import { mdiDotsVertical } from '@mdi/js';
import { type ReactNode, useState } from 'react';
import type { CertificateSummary } from '../../../app/contract/certificates.ts';
import { Icon } from '../../ui/icon.tsx';
import { isCurrent } from './lifetimes.ts';

export const actions = ['install', 'renew', 'rollOver', 'export', 'crl', 'endRollOver', 'revoke', 'remove'] as const;
export type Action = (typeof actions)[number];

const labels: Readonly<Record<Action, string>> = {
  install: 'Install on its host…', renew: 'Renew…', rollOver: 'Replace by a new authority…', export: 'Export…', crl: 'Revocation list…', endRollOver: 'Trust no replaced authority…', revoke: 'Revoke…', remove: 'Remove…',
};

/** Those that fit the certificate, in order. */
export const actionsFor = (certificate: CertificateSummary): readonly Action[] => {
  const { kind, authority, key, alsoTrusts, revokedAt, id } = certificate;
  const current = isCurrent(certificate);
  const fits: Readonly<Record<Action, boolean>> = {
    install: kind === 'host' && current && key !== 'none',
    renew: current && authority !== null,
    rollOver: kind === 'authority' && current && key !== 'none',
    export: true,
    crl: kind === 'authority' && key !== 'none',
    endRollOver: alsoTrusts.length > 0,
    revoke: revokedAt === null && authority !== null && authority !== id,
    remove: true,
  };
  return actions.filter((action) => fits[action]);
};

export const CertificateMenu = ({ certificate, onAction }: { readonly certificate: CertificateSummary; readonly onAction: (action: Action, certificate: CertificateSummary) => void }): ReactNode => {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const name = `Actions for ${certificate.label} (${certificate.kind})`;
  return (
    <>
      <IconButton aria-label={name} aria-haspopup="menu" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)} sx={{ p: '3px' }}><Icon path={mdiDotsVertical} size={16} /></IconButton>
      <Menu open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)} slotProps={{ list: { 'aria-label': name } }}>
        {actionsFor(certificate).map((action) => (
          <MenuItem key={action} {...((action === 'remove' || action === 'revoke') && { sx: { color: 'error.main' } })} onClick={() => {
            setAnchor(null);
            onAction(action, certificate);
          }}>{labels[action]}</MenuItem>
        ))}
      </Menu>
    </>
  );
};
