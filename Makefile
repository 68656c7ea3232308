# make              build build/millrace       make run [ARGS=]    install what is missing, build, open the lab
# make check        install, build, every test, layers, verify --all
# make test         every test                 make test T=agenda  those whose path has this word
# make san          the tests, ASan and UBSan  make cov            line coverage
# make fuzz RUNS=n  the fuzz targets (clang)   make tidy           clang-tidy
# make golden       rewrite expected outputs   make pictures       those of the README
# make map          what each file is for          make digests       one run, one digest, whatever built it
# make install      PREFIX= DESTDIR=           make uninstall      make clean
# make compile_commands.json                   make V=1            show whole commands
#
# A variant is a build folder, never a `make clean` first: make B=build/clang CC=clang

B            ?= build
PREFIX       ?= /usr/local
DATADIR      ?= $(PREFIX)/share/millrace
CFLAGS       ?= -O2 -g
HOSTCC       ?= cc
FUZZ_CC      ?= clang
TIDY         ?= clang-tidy
RUNS         ?= 20000
TEST_SECONDS ?= 180

CORES := $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
JOBS  ?= $(CORES)
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(CORES)
endif
MAKEFLAGS += --no-print-directory

STD   := -std=c11
WARN  := -Wall -Wextra -Wshadow -Wundef -Wvla -Wwrite-strings -Wformat=2 \
         -Wstrict-prototypes -Wmissing-prototypes $(if $(WERROR),-Werror)
BASE   = $(STD) $(WARN) -I. $(CPPFLAGS)

# Ask pkg-config late and once: `make run` and `make check` may have to install
# it first.  Lua has no agreed name among the distributions.
once   = $(eval $(1) := $(2))$($(1))
LUA_PC = $(call once,LUA_PC,$(shell for p in lua5.4 lua-5.4 lua54 lua; do \
           pkg-config --exists "$$p >= 5.4 $$p < 5.5" 2>/dev/null && { echo $$p; break; }; done))
LAB_PC     := jansson sqlite3 ncursesw md4c
PC_CFLAGS   = $(call once,PC_CFLAGS,$(shell pkg-config --cflags $(LUA_PC)))
LAB_CFLAGS  = $(call once,LAB_CFLAGS,$(shell pkg-config --cflags $(LAB_PC)))
LUA_LIBS    = $(call once,LUA_LIBS,$(shell pkg-config --libs $(LUA_PC)))
LAB_LIBS    = $(call once,LAB_LIBS,$(shell pkg-config --libs $(LUA_PC) $(LAB_PC)) -lm)
CMOCKA_CFLAGS = $(call once,CMOCKA_CFLAGS,$(shell pkg-config --cflags cmocka vterm))
CMOCKA_LIBS = $(call once,CMOCKA_LIBS,$(shell pkg-config --libs cmocka))
# The terminal that tests look at; only the tests of lab/ have one.
VTERM_LIBS  = $(call once,VTERM_LIBS,$(shell pkg-config --libs vterm) -lutil)

# What each layer is compiled with.  sim/ is plain C11 without any flag of the
# host, and gives one answer on every machine: the compiler may not fuse a*b+c
# into one rounding.
SIM_FLAGS   = $(BASE) -ffp-contract=off -Wconversion
LUA_FLAGS   = $(BASE) -D_DEFAULT_SOURCE $(PC_CFLAGS)
LAB_FLAGS   = $(LUA_FLAGS) $(LAB_CFLAGS) -DMILLRACE_DATADIR='"$(DATADIR)"'
TEST_FLAGS  = $(LAB_FLAGS) $(CMOCKA_CFLAGS)
flags_for   = $($(if $(filter sim/%,$(1)),SIM,$(if $(filter lua/%,$(1)),LUA,$(if \
                $(filter lab/%,$(1)),LAB,TEST)))_FLAGS)

SIM       := $(sort $(wildcard sim/*.c sim/*/*.c))
LUA       := $(sort $(wildcard lua/*.c))
LAB       := $(sort $(wildcard lab/*.c lab/*/*.c))
EMBED     := $(sort $(wildcard lua/lib/*.lua lua/lib/*/*.lua lua/tools/*.lua lua/tools/*/*.lua))
SIM_TEST  := $(sort $(wildcard tests/sim/test_*.c tests/sim/*/test_*.c))
LUA_TEST  := $(sort $(wildcard tests/lua/test_*.c tests/lua/*/test_*.c))
LAB_TEST  := $(sort $(wildcard tests/lab/test_*.c tests/lab/*/test_*.c))
SH_TEST   := $(sort $(filter-out %.lib.sh,$(wildcard tests/*_test.sh tests/*/*.sh tests/*/*/*.sh)))
FUZZ      := $(sort $(wildcard tests/fuzz/fuzz_*.c))
C_TEST    := $(SIM_TEST) $(LUA_TEST) $(LAB_TEST)
SRCS      := $(SIM) $(LUA) $(LAB) $(C_TEST)
obj        = $(patsubst %.c,$(B)/%.o,$(1))
exe        = $(patsubst %.c,$(B)/%,$(1))

ifndef V
say        = @printf '  %-5s %s\n' $(1) $(2);
Q         := @
endif

all: $(if $(wildcard lab/main.c),$(B)/millrace,$(B)/libscript.a $(B)/libsim.a)

$(B)/millrace: $(call obj,$(LAB)) $(B)/libscript.a $(B)/libsim.a $(B)/sources
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) $(filter-out %/sources,$^) $(LAB_LIBS) -o $@

$(B)/libsim.a: $(call obj,$(SIM)) $(B)/sources
$(B)/libscript.a: $(call obj,$(LUA)) $(B)/embedded.o $(B)/sources
# For tests, which take of it what they use.
$(B)/liblab.a: $(filter-out $(B)/lab/main.o,$(call obj,$(LAB))) $(B)/sources
# q, not r: two folders may hold files of one name, and r would keep the last.
$(B)/libsim.a $(B)/libscript.a $(B)/liblab.a:
	$(call say,AR,$@)rm -f $@ $@.$$$$ && $(AR) qcs $@.$$$$ $(filter %.o,$^) && mv -f $@.$$$$ $@

$(call obj,$(SRCS) $(FUZZ)): $(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(call flags_for,$<) $(CFLAGS) -MMD -MP -c $< -o $@
$(call obj,$(LUA) $(LAB) $(C_TEST) $(FUZZ)) $(B)/embedded.o: | $(B)/ready

# lua/lib and lua/tools travel inside the program.
$(B)/embed: scripts/embed.c
	@mkdir -p $(@D)
	$(call say,HOST,$<)$(HOSTCC) $(STD) -Wall -Wextra -O1 $< -o $@
$(B)/embedded.c: $(B)/embed $(EMBED) $(B)/sources
	$(call say,EMBED,$@)$(B)/embed lua/ $(EMBED) > $@
$(B)/embedded.o: $(B)/embedded.c lua/embedded.h $(B)/flags
	$(call say,CC,$<)$(CC) $(LUA_FLAGS) $(CFLAGS) -c $< -o $@

# A test links only the layer it tests: that a sim test links is the proof that
# sim/ needs neither Lua nor jansson nor the mathematics library.
$(call exe,$(SIM_TEST)): $(B)/%: $(B)/%.o $(B)/libsim.a
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(CMOCKA_LIBS) -o $@
$(call exe,$(LUA_TEST)): $(B)/%: $(B)/%.o $(B)/libscript.a $(B)/libsim.a
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LUA_LIBS) -lm $(CMOCKA_LIBS) -o $@
$(call exe,$(LAB_TEST)): $(B)/%: $(B)/%.o $(B)/liblab.a $(B)/libscript.a $(B)/libsim.a
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LAB_LIBS) $(CMOCKA_LIBS) $(VTERM_LIBS) -o $@
$(call exe,$(FUZZ)): $(B)/%: $(B)/%.o $(filter-out $(B)/lab/main.o,$(call obj,$(LAB))) $(B)/libscript.a $(B)/libsim.a
	$(call say,LINK,$@)$(CC) $(CFLAGS) -fsanitize=fuzzer $(LDFLAGS) $^ $(LAB_LIBS) -o $@

# Files rewritten only when what they say changes: what everything is compiled
# with, and which sources there are (a deleted one must leave the library).
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(CC) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(WARN) $(subst ','\'',$(DATADIR))' > $@.$$$$ && \
		if cmp -s $@.$$$$ $@; then rm -f $@.$$$$; else mv -f $@.$$$$ $@; fi
$(B)/sources: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(SIM) $(LUA) $(LAB) $(EMBED) > $@.$$$$ && \
		if cmp -s $@.$$$$ $@; then rm -f $@.$$$$; else mv -f $@.$$$$ $@; fi
$(B)/ready:
	@mkdir -p $(@D)
	@CC='$(CC)' sh scripts/setup.sh --look && touch $@

# Everyday commands.

setup:
	@CC='$(CC)' sh scripts/setup.sh

run:
	@CC='$(CC)' sh scripts/setup.sh
	@$(MAKE) all
	@$(B)/millrace $(ARGS)

check:
	@CC='$(CC)' sh scripts/setup.sh
	@$(MAKE) test VERIFY=1

PICKED  := $(if $(T),$(foreach t,$(C_TEST) $(SH_TEST),$(if $(findstring $(T),$(t:tests/%=%)),$(t))),$(C_TEST) $(SH_TEST))
PICKED_C  := $(filter %.c,$(PICKED))
PICKED_SH := $(filter %.sh,$(PICKED))
tests: $(call exe,$(PICKED_C)) $(B)/libsim.a \
       $(if $(filter-out tests/layers_test.sh,$(PICKED_SH))$(VERIFY),all)
test: tests
	@B='$(B)' JOBS='$(JOBS)' SECONDS_MAX='$(TEST_SECONDS)' CC='$(CC)' \
		sh tests/run.sh $(call exe,$(PICKED_C)) $(PICKED_SH) \
		$(if $(T),,layers) $(if $(VERIFY),verify)

layers: $(B)/libsim.a
	@sh tests/layers.sh $(B)/libsim.a

digests:
	@sh scripts/digests.sh $(B)/digests

golden: export GOLDEN = 1
golden: test
pictures: all
	@MILLRACE='$(B)/millrace' GOLDEN=1 sh tests/lab/pictures.sh

SAN := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
san:
	@$(MAKE) test B=build/san CFLAGS='$(SAN)'

cov:
	@[ ! -d build/cov ] || find build/cov -name '*.gcda' -exec rm -f {} +
	@$(MAKE) test B=build/cov CFLAGS='-O0 -g --coverage'
	@sh scripts/coverage.sh build/cov $(SIM) $(LUA) $(LAB)

fuzz:
	@CC='$(FUZZ_CC)' sh scripts/setup.sh fuzz
	@$(MAKE) fuzz-run B=build/fuzz CC='$(FUZZ_CC)' \
		CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all'
fuzz-run: $(call exe,$(FUZZ))
	@RUNS='$(RUNS)' sh scripts/fuzz.sh $(B) $^

tidy: compile_commands.json
	@sh scripts/setup.sh tidy
	$(Q)printf '%s\n' $(SRCS) | xargs -P $(JOBS) -n 4 $(TIDY) --quiet -p .

# gcc has no -MJ, so make writes what it already knows.
quoted = $(subst ",\",$(subst \,\\,$(1)))
compile_commands.json: Makefile $(B)/sources $(B)/flags | $(B)/ready
	$(call say,WRITE,$@){ echo '['; { $(foreach f,$(SRCS),printf '%s\n' '$(subst ','\'',{"directory":"$(CURDIR)","file":"$(f)","command":"$(call quoted,$(CC) $(call flags_for,$(f))) -c $(f)"})';) :; } | sed '$$!s/$$/,/'; echo ']'; } > $@

map:
	@for f in $(sort $(wildcard sim/*.h sim/*/*.h lua/*.h lab/*.h lab/*/*.h)); do \
		d=$${f%/*}; [ "$$d" = "$$was" ] || printf '\n%s/\n' "$$d"; was=$$d; \
		sed -n -e '1{s,^/\*  *,,;s,  *\*/$$,,;s,^,  ,;p;q;}' $$f; done

install: all
	$(Q)install -d '$(DESTDIR)$(PREFIX)/bin'
	$(Q)install -m 755 $(B)/millrace '$(DESTDIR)$(PREFIX)/bin/millrace'
	$(Q){ find content exercises assessments -type f; ls sim/*/README.md; } | while read -r f; do \
		install -d "$(DESTDIR)$(DATADIR)/$${f%/*}" && \
		install -m 644 "$$f" "$(DESTDIR)$(DATADIR)/$$f" || exit 1; done
	@echo 'installed $(DESTDIR)$(PREFIX)/bin/millrace; its content is in $(DESTDIR)$(DATADIR)'
uninstall:
	$(Q)rm -f '$(DESTDIR)$(PREFIX)/bin/millrace'
	$(Q)rm -rf '$(DESTDIR)$(DATADIR)'

clean:
	$(Q)rm -rf build compile_commands.json

FORCE:
.PHONY: all setup run check tests test layers golden pictures digests san cov fuzz fuzz-run tidy map install uninstall clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:
-include $(patsubst %.c,$(B)/%.d,$(SRCS) $(FUZZ))
