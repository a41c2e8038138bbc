// Finds out whether KVM really runs code here: the device may exist and be useless.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './processes.ts';

/** A boot sector that writes 0x10 to port 0xf4 and halts; QEMU's isa-debug-exit then ends with (0x10 << 1) | 1. */
const bootSector = Buffer.concat([Buffer.from('ba f4 00 b0 10 ee f4'.replaceAll(' ', ''), 'hex'), Buffer.alloc(503), Buffer.from([0x55, 0xaa])]);
const reached = (0x10 << 1) | 1;

/**
 * `kvm` when the processor virtualizes and a virtual machine boots with it within ten seconds, `tcg` (software emulation) otherwise.
 * The processor is asked too, because a KVM made of software runs a boot sector and then stops real kernels in mid-boot.
 */
export async function probeAccelerator(): Promise<'kvm' | 'tcg'> {
  if (!/^flags\s*:.*\b(vmx|svm)\b/m.test(await readFile('/proc/cpuinfo', 'utf8'))) return 'tcg';
  const folder = await mkdtemp(join(tmpdir(), 'guestdeck-kvm-'));
  try {
    const image = join(folder, 'boot.img');
    await writeFile(image, bootSector);
    const machine = ['-accel', 'kvm', '-m', '16', '-nodefaults', '-display', 'none', '-no-reboot'];
    const devices = ['-drive', `file=${image},format=raw,if=ide`, '-device', 'isa-debug-exit,iobase=0xf4,iosize=1'];
    const { code } = await run('qemu-system-x86_64', [...machine, ...devices], { timeout: 10_000 });
    return code === reached ? 'kvm' : 'tcg';
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
