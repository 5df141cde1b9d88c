
# Tab completion of kinde-devhook for zsh. To install it:
#   npx kinde-devhook completion zsh >> ~/.zshrc
_kinde_devhook() {
  local -x npm_config_offline=true npm_config_yes=false npm_config_logs_max=0
  local tool=${aliases[kinde-devhook]:-kinde-devhook} first=2 line
  local -a candidates
  if [[ $words[1] == npx ]]; then
    if (( CURRENT < 3 )) || [[ $words[2] != kinde-devhook ]]; then
      _default
      return
    fi
    tool='npx kinde-devhook' first=3
  fi
  whence "${tool%% *}" >/dev/null || return
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compset -P '--*='
      _files
      return
    fi
    candidates+=("${${line//:/\\:}/$'\t'/:}")
  done < <(eval "$tool"' completion --candidates zsh "${(@)words[first,CURRENT-1]}" "$PREFIX"' 2>/dev/null </dev/null)
  _describe kinde-devhook candidates
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i; }
compdef _kinde_devhook kinde-devhook
(( $+_comps[npx] )) || compdef _kinde_devhook npx
