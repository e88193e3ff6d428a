/*
 * stop.h - end in good order on SIGINT, SIGTERM, SIGHUP
 */
#ifndef SHEAF_TOOL_STOP_H
#define SHEAF_TOOL_STOP_H

/* from now on such a signal asks to stop; one that comes
 * more than a second later kills at once */
void stop_catch(void);
/* the number of the signal that came, or 0 */
int stop_signal(void);
/* the exit status of a command that a signal ended: 128 + its number */
int stop_status(void);

#endif
