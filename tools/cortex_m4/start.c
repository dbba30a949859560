/* From reset to main on a Cortex-M4 with a floating-point unit; files through semihosting. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern uint32_t stack_top, data_source, data_start, data_end, bss_start, bss_end;
extern void initialise_monitor_handles(void);
extern int main(void);

__attribute__((noinline)) static void start(void)
{
    memcpy(&data_start, &data_source, (size_t)((char *)&data_end - (char *)&data_start));
    memset(&bss_start, 0, (size_t)((char *)&bss_end - (char *)&bss_start));
    initialise_monitor_handles();
    _Exit(main());
}

void reset(void)
{
    *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20; /* CPACR: the floating-point unit on */
    __asm__ volatile("dsb\n\tisb");
    start();
}

__attribute__((section(".vectors"), used)) static const void *const vectors[] = {
    &stack_top, (const void *)reset};
