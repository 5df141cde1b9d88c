
# Tab completion of kinde-devhook for bash. To install it:
#   npx kinde-devhook completion bash >> ~/.bashrc
_kinde_devhook() {
  local -x npm_config_offline=true npm_config_yes=false npm_config_logs_max=0
  local tool=kinde-devhook first=1 line
  COMPREPLY=()
  if [[ $1 == npx ]]; then
    if (( COMP_CWORD < 2 )) || [[ ${COMP_WORDS[1]} != kinde-devhook ]]; then
      compopt -o bashdefault -o default 2>/dev/null
      return
    fi
    tool='npx kinde-devhook' first=2
  fi
  type "${tool%% *}" >/dev/null 2>&1 || return
  while IFS= read -r line; do
    if [[ $line == :files ]]; then compopt -o default 2>/dev/null; else COMPREPLY+=("$line"); fi
  done < <(eval "$tool"' completion --candidates bash "${COMP_WORDS[@]:first:COMP_CWORD-first+1}"' 2>/dev/null </dev/null)
}
complete -F _kinde_devhook kinde-devhook
complete -p npx >/dev/null 2>&1 || complete -F _kinde_devhook npx
