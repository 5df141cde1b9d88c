# Tab completion of kinde-devhook for fish. To install it:
#   npx kinde-devhook completion fish > ~/.config/fish/conf.d/kinde-devhook.fish
function __kinde_devhook
    set -lx npm_config_offline true
    set -lx npm_config_yes false
    set -lx npm_config_logs_max 0
    set -l tool kinde-devhook
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    if test "$words[1]" = npx
        set tool npx kinde-devhook
        set -e words[1]
    end
    set -e words[1]
    type -q $tool[1]; or return
    for line in ($tool completion --candidates fish $words "$current" 2>/dev/null </dev/null)
        if test "$line" = :files
            set -l flag (string match -r -- '^--[^=]+=' $current)
            __fish_complete_path (string replace -r -- '^--[^=]+=' '' "$current") | string replace -r -- '^' "$flag"
        else
            printf '%s\n' $line
        end
    end
end
complete -c kinde-devhook -f -a '(__kinde_devhook)'
complete -c npx -n 'test (count (commandline -opc)) -gt 1; and test (commandline -opc)[2] = kinde-devhook' -f -a '(__kinde_devhook)'
