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
# The kernel names ports by itself some time after its module was loaded; without its port the agent would wait for ever.
tries=0
while [ -e /sys/bus/virtio/drivers/virtio_console ] && ls /sys/bus/virtio/drivers/virtio_console | grep -q '^virtio' \
  && ! grep -qs org.qemu.guest_agent.0 /sys/class/virtio-ports/*/name && [ $tries -lt 200 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
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
