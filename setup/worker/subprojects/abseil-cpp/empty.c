/* Meson wants a source file in every library; this one is meant to hold nothing. */
