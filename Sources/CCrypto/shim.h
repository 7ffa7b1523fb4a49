#pragma once
#include <openssl/crypto.h>
#include <openssl/evp.h>

// Starts the library without its clean-up at the end of the process, which would free what a thread amid a handshake
// still uses. Only the first call of the library in a process decides, so that all our modules make this one first.
static inline int kvark_crypto_start(void) { return OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL); }
