// How many vCPUs a definition has: <vcpu> and <vcpus>, https://libvirt.org/formatdomain.html#cpu-allocation
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { numberOf, wholeNumber } from './attributes.ts';

/** libvirt's own bound of vCPUs is 16384 (VIR_DOMAIN_CPUMASK_LEN); a definition that says more does not stop a panel. */
export const mostVcpus = 16_384;

/** A vCPU's number. */
export const vcpuUnit = z.string().regex(/^(0|[1-9]\d{0,4})$/, 'is the number of a vCPU');

/** The vCPUs a guest can have at most; libvirt means one when it is not told. */
export const maximumVcpus = (xml: DomainXml): number => Math.min(Math.max(wholeNumber(xml.textOf('vcpu')) ?? 1, 1), mostVcpus);

/** The vCPUs it has, or begins with. */
export const currentVcpus = (xml: DomainXml): number => Math.min(Math.max(numberOf(xml.element('vcpu'), 'current') ?? maximumVcpus(xml), 1), maximumVcpus(xml));
