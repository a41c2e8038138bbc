#!/bin/busybox sh
# First process of a lab guest: loads the virtio modules, starts the agent, leaves a shell on the serial console.
/bin/busybox --install -s /bin
export PATH=/bin:/sbin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/virtio-ports /etc/acpi/PWRF /var/log
mount -t devpts devpts /dev/pts
while read -r module; do
  insmod "/modules/$module" || echo "module $module failed"
done </modules.order
for port in /sys/class/virtio-ports/*; do
  ln -s "../${port##*/}" "/dev/virtio-ports/$(cat "$port/name")"
done
# Movable, so that the kernel keeps nothing of its own in memory that is to be unplugged again.
echo online_movable >/sys/devices/system/memory/auto_online_blocks
hostname "$(sed -n 's/.*lab\.name=\([^ ]*\).*/\1/p' /proc/cmdline)"
ip link set lo up
ip link set eth0 up

# The agent shuts down through /sbin/shutdown, the power button through acpid; both mean the same here.
cat >/sbin/shutdown <<'SHUTDOWN'
#!/bin/sh
case "$1" in -r) reboot -f ;; -H) halt -f ;; *) poweroff -f ;; esac
SHUTDOWN
printf '#!/bin/sh\npoweroff -f\n' >/etc/acpi/PWRF/00000080
chmod +x /sbin/shutdown /etc/acpi/PWRF/00000080
acpid

qemu-ga -d -m virtio-serial -p /dev/virtio-ports/org.qemu.guest_agent.0 -t /run
while :; do
  setsid sh -c 'exec sh </dev/ttyS0 >/dev/ttyS0 2>&1'
done
